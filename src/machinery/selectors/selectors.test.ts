import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  labelSelectorOf,
  matchesFields,
  matchesLabels,
  parseFieldSelector,
  parseLabelSelector,
  printFieldSelector,
  printLabelSelector,
} from '../selectors.ts';

function selects(text: string, labels: { readonly [k: string]: string }): boolean | string {
  const selector = parseLabelSelector(text);
  return selector.ok ? matchesLabels(selector.value, labels) : selector.message;
}

test('every form of a label selector matches as upstream', () => {
  const labels = { app: 'web', tier: 'front', n: '5', empty: '' };
  const expected: { [selector: string]: boolean } = {
    '': true,
    'app=web': true,
    'app==web,tier!=back': true,
    'app = db': false,
    'x!=y': true,
    'app in (web, db)': true,
    'app notin (web)': false,
    'x notin (web)': true,
    app: true,
    '!app': false,
    '!x, app': true,
    'n>4': true,
    'n < 5': false,
    'empty=': true,
    'empty in ()': true,
    'app in (,web)': true,
    'in in (in)': false,
    constructor: false,
  };
  expect(Object.fromEntries(Object.keys(expected).map((s) => [s, selects(s, labels)]))).toEqual(expected);
});

test('bad label selectors get upstream’s sentences', () => {
  expect(
    ['a=b=c', 'a in b', '=x', 'a,', 'a b', 'x in (a', ',a', '-a', 'a=$', 'n>x'].map((s) => selects(s, {})),
  ).toEqual([
    "found '=', expected: ',' or 'end of string'",
    "unable to parse requirement: found 'b' expected: '('",
    "found '=', expected: !, identifier, or 'end of string'",
    "found '', expected: identifier after ','",
    "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
    "unable to parse requirement: found '', expected: ',' or ')'",
    "found ',', expected: !, identifier, or 'end of string'",
    expect.stringMatching(/^unable to parse requirement: <nil>: Invalid value: "-a": name part must consist of/),
    expect.stringMatching(/^unable to parse requirement: values\[0\]\[a\]: Invalid value: "\$": a valid label must be/),
    `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
  ]);
});

test('a LabelSelector object becomes the same requirements; absent selects nothing, empty everything', () => {
  const object = {
    matchLabels: { b: '1' },
    matchExpressions: [
      { key: 'a', operator: 'In', values: ['y', 'x'] },
      { key: 'c', operator: 'DoesNotExist' },
    ],
  };
  const selector = labelSelectorOf(object);
  expect(selector.ok && printLabelSelector(selector.value)).toBe('a in (x,y),b=1,!c');
  expect([
    labelSelectorOf(undefined),
    labelSelectorOf({}),
    labelSelectorOf({ matchExpressions: [{ key: 'a', operator: 'Near' }] }),
  ]).toEqual([
    { ok: true, value: 'nothing' },
    { ok: true, value: [] },
    { ok: false, message: '"Near" is not a valid label selector operator' },
  ]);
});

test('a printed selector parses to itself', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,5}$/);
  const requirement = fc.oneof(
    fc.record({ key: word, operator: fc.constantFrom('=', '!=', '=='), values: fc.tuple(word) }),
    fc.record({
      key: word,
      operator: fc.constantFrom('in', 'notin'),
      values: fc.uniqueArray(word, { minLength: 1 }).map((v) => v.sort()),
    }),
    fc.record({ key: word, operator: fc.constantFrom('exists', '!'), values: fc.constant([]) }),
  );
  fc.assert(
    fc.property(fc.array(requirement), (list) => {
      const text = printLabelSelector([...list].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)) as never);
      const again = parseLabelSelector(text);
      expect(again.ok && printLabelSelector(again.value)).toBe(text);
    }),
  );
});

test('field selectors parse, match, escape and complain as upstream', () => {
  const selector = parseFieldSelector('metadata.name=a\\,b,status.phase!=Running,x==');
  expect(selector).toEqual({
    ok: true,
    value: [
      { field: 'metadata.name', operator: '=', value: 'a,b' },
      { field: 'status.phase', operator: '!=', value: 'Running' },
      { field: 'x', operator: '=', value: '' },
    ],
  });
  const fields: { [f: string]: string } = { 'metadata.name': 'a,b', 'status.phase': 'Pending' };
  expect(
    selector.ok && [matchesFields(selector.value, (f) => fields[f] ?? ''), printFieldSelector(selector.value)],
  ).toEqual([true, 'metadata.name=a\\,b,status.phase!=Running,x=']);
  expect(
    [
      parseFieldSelector('abc'),
      parseFieldSelector('a=b=c'),
      parseFieldSelector('a=\\x'),
      parseFieldSelector('a=\\'),
    ].map((r) => !r.ok && r.message),
  ).toEqual([
    "invalid selector: 'abc'; can't understand 'abc'",
    'invalid field selector: unescaped character in value: 61',
    'invalid field selector: invalid escape sequence: \\x',
    'invalid field selector: invalid escape sequence: \\',
  ]);
});
