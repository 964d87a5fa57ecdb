import fc from 'fast-check';
import { expect, test } from 'vitest';
import { QuotingError, quoteWords, splitWords } from './words.ts';

test('splitting what was quoted gives the words back, whatever is in them', () => {
  const word = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'));
  fc.assert(
    fc.property(fc.array(word), (words) => {
      expect(splitWords(quoteWords(words))).toEqual(words);
    }),
  );
});

test('a quoted line is one line without a trailing backslash', () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (words) => {
      expect(quoteWords(words)).not.toMatch(/[\r\n]|\\$/);
    }),
  );
});

test("systemd's own spellings are understood", () => {
  expect(splitWords(String.raw`a  'b "c' "d 'e" f\x20g \u00e9\101 "" x'y z'w`)).toEqual([
    'a',
    'b "c',
    "d 'e",
    'f g',
    'éA',
    '',
    'xy zw',
  ]);
});

test.each(['"open', String.raw`\q`, String.raw`\x00`, '\\'])('%s is refused', (line) => {
  expect(() => splitWords(line)).toThrow(QuotingError);
});
