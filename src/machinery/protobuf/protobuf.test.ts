import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeUtf8, encodeBase64 } from './bytes.ts';
import { decodeMessage } from './decode-message.ts';
import { createMessageSource, type Descriptor } from './descriptors.ts';
import { createWireReader } from './wire-reader.ts';

const META = {
  nested: {
    Time: { fields: { seconds: { type: 'int64', id: 1 }, nanos: { type: 'int32', id: 2 } } },
    MicroTime: { fields: { seconds: { type: 'int64', id: 1 }, nanos: { type: 'int32', id: 2 } } },
  },
};

/** A small tree in the shape of the real one. */
const root: Descriptor = {
  nested: {
    k8s: {
      nested: {
        io: {
          nested: {
            apimachinery: { nested: { pkg: { nested: { apis: { nested: { meta: { nested: { v1: META } } } } } } } },
            acme: {
              nested: {
                Volume: {
                  fields: {
                    name: { type: 'string', id: 1 },
                    volumeSource: { type: 'Source', id: 2 },
                    tags: { rule: 'repeated', type: 'string', id: 3 },
                    blobs: { keyType: 'string', type: 'bytes', id: 4 },
                    at: { type: '.k8s.io.apimachinery.pkg.apis.meta.v1.Time', id: 5 },
                    micro: { type: '.k8s.io.apimachinery.pkg.apis.meta.v1.MicroTime', id: 6 },
                    size: { type: 'int64', id: 7 },
                    ratio: { type: 'double', id: 8 },
                    inner: { type: 'Volume', id: 9 },
                  },
                },
                Source: { fields: { path: { type: 'string', id: 1 }, on: { type: 'bool', id: 2 } } },
              },
            },
          },
        },
      },
    },
  },
};

const types = { messages: createMessageSource(root), keepsZero: () => false };

function decode(...bytes: readonly number[]): unknown {
  return decodeMessage('k8s.io.acme.Volume', Uint8Array.from(bytes), types);
}

/** A field with a length: its tag and its bytes. */
function part(id: number, ...bytes: readonly number[]): readonly number[] {
  return [id * 8 + 2, bytes.length, ...bytes];
}

/** A number, seven bits a byte. */
function varint(value: bigint): readonly number[] {
  return value < 128n ? [Number(value)] : [Number(value & 127n) | 128, ...varint(value >> 7n)];
}

const A = 0x61;

test('fields, lists, maps and embedded structs take their place in JSON', () => {
  expect(
    decode(
      ...part(1, A),
      ...part(2, ...part(1, A), 2 * 8, 1),
      ...part(3, A),
      ...part(3),
      ...part(4, ...part(1, A), ...part(2, 1, 2)),
      ...[8 * 8 + 1, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f],
    ),
  ).toEqual({ name: 'a', path: 'a', on: true, tags: ['a', ''], blobs: { a: 'AQI=' }, ratio: 1.5 });
});

test('times are written as text; the zero time is absent', () => {
  const seconds = [8, ...varint(BigInt(Date.UTC(2026, 0, 1) / 1000))];
  const nanos = [16, ...varint(123_456n)];
  expect(decode(...part(5, ...seconds), ...part(6, ...seconds, ...nanos))).toEqual({
    at: '2026-01-01T00:00:00Z',
    micro: '2026-01-01T00:00:00.000123Z',
  });
  expect(decode(...part(5))).toEqual({});
});

test('negative numbers, unknown fields and empty ones', () => {
  const minusOne = [7 * 8, ...Array(9).fill(0xff), 1];
  expect(decode(...minusOne, ...part(15, A), ...part(1))).toEqual({ size: -1 });
});

test('a map may have any key', () => {
  const proto = [...'__proto__'].map((c) => c.charCodeAt(0));
  const { blobs } = decode(...part(4, ...part(1, ...proto), ...part(2, 1))) as { blobs: object };
  expect([Object.keys(blobs), Object.getPrototypeOf(blobs)]).toEqual([['__proto__'], Object.prototype]);
});

test('what is cut, of another type or nested without end is refused', () => {
  expect(() => decode(10, 5, A)).toThrow('unexpected EOF');
  expect(() => decode(8, 1)).toThrow('wrong wireType = 0');
  expect(() => decode(...Array(11).fill(0xff))).toThrow('integer overflow');
  expect(() => decode(3)).toThrow('illegal tag');
  let nested: number[] = [];
  for (let depth = 0; depth < 300; depth++) {
    const { length } = nested;
    const size = length < 128 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
    nested = [9 * 8 + 2, ...size, ...nested];
  }
  expect(() => decode(...nested)).toThrow('nested too deeply');
});

test('UTF-8 and base64 are what they are elsewhere', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(decodeUtf8(new TextEncoder().encode(text))).toBe(text.toWellFormed());
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
      expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      expect(decodeUtf8(bytes).isWellFormed()).toBe(true);
    }),
  );
});

test('numbers are read to their end', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
      const reader = createWireReader(Uint8Array.from(varint(value)));
      expect([reader.varint(), reader.done]).toEqual([Number(BigInt.asIntN(64, value)), true]);
    }),
  );
});
