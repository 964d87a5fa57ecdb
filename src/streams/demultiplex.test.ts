import fc from 'fast-check';
import { expect, test } from 'vitest';
import { demultiplex } from './demultiplex.ts';

function frame(channel: 1 | 2, data: Uint8Array): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt8(channel, 0);
  header.writeUInt32BE(data.length, 4);
  return Buffer.concat([header, data]);
}

async function* pieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (const size of [...sizes, bytes.length]) {
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

test('frames come apart however the bytes are cut', async () => {
  const frames = fc.array(fc.tuple(fc.constantFrom(1 as const, 2 as const), fc.uint8Array({ maxLength: 40 })));
  await fc.assert(
    fc.asyncProperty(frames, fc.array(fc.integer({ min: 1, max: 20 })), async (sent, sizes) => {
      const bytes = Buffer.concat(sent.map(([channel, data]) => frame(channel, data)));
      const received = { 1: [] as number[], 2: [] as number[] };
      for await (const { channel, data } of demultiplex(pieces(bytes, sizes))) received[channel].push(...data);
      const expected = (wanted: 1 | 2) =>
        sent.filter(([channel]) => channel === wanted).flatMap(([, data]) => [...data]);
      expect(received).toEqual({ 1: expected(1), 2: expected(2) });
    }),
  );
});
