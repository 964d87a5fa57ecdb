import fc from 'fast-check';
import { expect, test } from 'vitest';
import { add, emptyUnit, keysOf, lookup, lookupAll, set, type UnitFile, type UnitLine } from './unit-file.ts';
import { parseUnit, serializeUnit, UnitSyntaxError } from './unit-text.ts';

const name = fc.stringMatching(/^[A-Za-z-]{1,12}$/);
const value = fc
  .string()
  .map((text) => text.replace(/[\r\n]/g, '').trim())
  .filter((text) => !text.endsWith('\\'));
const setting = fc.record({ kind: fc.constant('setting' as const), key: name, value });
const comment = fc.record({ kind: fc.constant('comment' as const), text: fc.constantFrom('# why', '; old', '') });
const section = fc.record({ name, lines: fc.array(fc.oneof(setting, comment) as fc.Arbitrary<UnitLine>) });
const unit: fc.Arbitrary<UnitFile> = fc.record({ sections: fc.array(section) });

test('parsing what was serialized gives the file back', () => {
  fc.assert(
    fc.property(unit, (file) => {
      expect(parseUnit(serializeUnit(file))).toEqual(file);
    }),
  );
});

test('comments, blank lines and order survive', () => {
  const text = '# header\n\n[Unit]\n; why\nAfter=a\nAfter=b\n\n[Service]\nType=oneshot\n';
  expect(serializeUnit(parseUnit(text))).toBe(text);
});

test('continuation lines are joined, comments between them dropped', () => {
  expect(lookup(parseUnit('[Service]\nExecStart=a \\\n# no\n  b \\\n  c\n'), 'Service', 'ExecStart')).toBe('a b c');
});

test('the last value wins, an empty one resets a list', () => {
  const file = parseUnit('[A]\nK=1\nK=\nK=2\n[B]\nK=9\n[A]\nK=3\n');
  expect([lookup(file, 'A', 'K'), lookupAll(file, 'A', 'K'), lookup(file, 'A', 'none')]).toEqual([
    '3',
    ['2', '3'],
    undefined,
  ]);
});

test('set replaces the last line, add appends, both make the section', () => {
  const file = set(add(add(emptyUnit, 'A', ['K', '1']), 'A', ['K', '2']), 'A', ['K', '3']);
  expect(serializeUnit(set(file, 'B', ['L', '4']))).toBe('[A]\nK=1\nK=3\n[B]\nL=4\n');
  expect(keysOf(file, 'A')).toEqual(['K']);
});

test.each(['K=1\n', '[A]\nrubbish\n', '[A]\n=1\n'])('%j is a syntax error that names the line', (text) => {
  expect(() => parseUnit(text)).toThrow(UnitSyntaxError);
});
