import { expect, it } from 'vitest';
import { jsonLines } from './json-lines.ts';

it('puts lines together that were cut anywhere, also within a character', async () => {
  const bytes = Buffer.from('{"a":"日本"}\n\n[1]\r\n{"half"');
  const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
  const values: unknown[] = [];
  for await (const value of jsonLines(iterate(single))) values.push(value);
  expect(values).toEqual([{ a: '日本' }, [1]]);
});

async function* iterate(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
