import { expect, test } from 'vitest';
import { compilePattern } from './go-pattern.ts';

function matches(pattern: string, text: string): boolean | string {
  const compiled = compilePattern(pattern);
  return compiled.ok ? compiled.value.test(text) : compiled.message;
}

test.each([
  ['(?i)^get$', 'GET', true],
  ['^(?P<year>\\d{4})-\\z', '2026-', true],
  ['^[[:alpha:]]+$', 'abc', true],
  ['\\pL', '1', false],
  ['a(', '', 'error parsing regexp: missing closing ): `a(`'],
  ['(?=a)', '', 'error parsing regexp: invalid or unsupported Perl syntax: `(?=`'],
])('%s on %j', (pattern, text, expected) => {
  expect(matches(pattern, text)).toBe(expected);
});

test('no pattern takes more than linear time', () => {
  const text = `${'a'.repeat(20_000)}!`;
  expect(['^(a+)+$', '^(a|aa)*$', '(.*a){20}b'].map((pattern) => matches(pattern, text))).toEqual([
    false,
    false,
    false,
  ]);
});
