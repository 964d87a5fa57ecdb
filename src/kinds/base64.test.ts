import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeBase64 } from './base64.ts';

it('decodes any bytes', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      expect(decodeBase64(Buffer.from(bytes).toString('base64'))).toEqual(new Uint8Array(bytes));
    }),
  );
});

it.each(['a', 'ab', 'abc', 'ab=c', 'a b=', '====', 'Zm9v\n'])('refuses %j', (text) => {
  expect(decodeBase64(text)).toBeUndefined();
});
