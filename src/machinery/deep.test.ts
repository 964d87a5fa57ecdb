import fc from 'fast-check';
import { expect, test } from 'vitest';
import { canonicalJson, cloneJson, deepEqual, hashObject, semanticEqual } from './deep.ts';

const json = fc.jsonValue();

test('a clone equals its original and shares nothing', () => {
  fc.assert(
    fc.property(json, (value) => {
      const copy = cloneJson(value);
      expect(deepEqual(copy, value) && canonicalJson(copy) === canonicalJson(value)).toBe(true);
      if (typeof value === 'object' && value !== null) expect(copy).not.toBe(value);
    }),
  );
});

test('equality ignores key order and undefined, and nothing else', () => {
  expect([
    deepEqual({ a: 1, b: undefined }, { a: 1 }),
    deepEqual({ a: 1, b: 2 }, { b: 2, a: 1 }),
    deepEqual([1, 2], [2, 1]),
    deepEqual({ a: [] }, {}),
    semanticEqual({ a: [], b: {} }, {}),
    semanticEqual({ a: '' }, {}),
    deepEqual({ a: null }, {}),
  ]).toEqual([true, true, false, false, true, false, false]);
  fc.assert(fc.property(json, json, (a, b) => deepEqual(a, b) === (canonicalJson(a) === canonicalJson(b))));
});

test('hashes depend on the value and the collision count alone', () => {
  expect(hashObject({ a: 1, b: 2 })).toBe(hashObject({ b: 2, a: 1 }));
  expect(hashObject({ a: 1 })).not.toBe(hashObject({ a: 1 }, 1));
  expect(hashObject({ a: 1 })).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{1,10}$/);
});
