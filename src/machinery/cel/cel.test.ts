import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileCel } from './compile.ts';
import { CostMeter } from './evaluate.ts';
import { escapeName, schemaType, schemaValue } from './schema-values.ts';
import { DYN } from './types.ts';

const SCHEMA = {
  type: 'object',
  properties: {
    a: { type: 'integer' },
    s: { type: 'string' },
    list: {
      type: 'array',
      items: { type: 'object', properties: { n: { type: 'string' }, v: { type: 'integer' } } },
    },
    map: { type: 'object', additionalProperties: { type: 'string' } },
    port: { 'x-kubernetes-int-or-string': true },
    'x-y': { type: 'string' },
    for: { type: 'string', format: 'duration' },
    at: { type: 'string', format: 'date-time' },
    ratio: { type: 'number' },
    free: { 'x-kubernetes-preserve-unknown-fields': true },
  },
} as const;
const VALUE = {
  a: 3,
  s: 'héllo world',
  list: [{ n: 'x', v: 1 }, { n: 'y' }],
  map: { k: 'v' },
  port: 80,
  'x-y': 'q',
  for: '1h30m',
  at: '2026-01-02T03:04:05Z',
  ratio: 2,
};

/** The value of an expression over `self`, or its error. */
function evaluate(source: string, limit = 1_000_000): unknown {
  const compiled = compileCel(source, new Map([['self', schemaType(SCHEMA) ?? DYN]]));
  if (!compiled.ok) return compiled.message;
  try {
    return compiled.program.evaluate(new Map([['self', schemaValue(VALUE, SCHEMA)]]), new CostMeter(limit));
  } catch (error) {
    return error instanceof Error ? error.message : error;
  }
}

describe('what is true', () => {
  test.each([
    'self.a + 1 == 4 && self.a % 2 == 1 && -self.a == -3',
    'self.ratio / 2.0 == 1.0 && self.ratio > 1',
    'self.s.size() == 11 && size(self.list) == 2 && self.map.size() == 1',
    "self.s.startsWith('hé') && self.s.contains('wor') && self.s.endsWith('d') && self.s.matches('^h.*d$')",
    "self.s.substring(0, 2) == 'hé' && self.s.indexOf('w') == 6 && self.s.split(' ')[1] == 'world'",
    "self.s.find('w[a-z]+') == 'world' && 'a1b2'.findAll('[0-9]') == ['1', '2']",
    "'%s-%d-%.2f'.format(['a', 3, 1.5]) == 'a-3-1.50'",
    "['b', 'a'].join('') == 'ba' && 'x'.replace('x', 'y') == 'y' && ' a '.trim() == 'a'",
    "self.list.all(i, has(i.v) || i.n == 'y') && self.list.exists_one(i, i.n == 'x')",
    "self.list.map(i, i.n).join(',') == 'x,y' && self.list.filter(i, has(i.v)).size() == 1",
    'self.list.exists(i, i.v == 1)',
    "self.map['k'] == 'v' && 'k' in self.map && !('z' in self.map) && self.map.all(k, self.map[k] == 'v')",
    "self.list.transformList(i, x, string(i) + x.n) == ['0x', '1y']",
    "self.port == 80 && type(self.port) == int && self.port != 'http'",
    "self.x__dash__y == 'q'",
    "self.__for__ > duration('1h') && self.__for__.getMinutes() == 90 && self.at + self.__for__ > self.at",
    "self.at.getFullYear() == 2026 && self.at.getDayOfWeek() == 5 && self.at.getHours('+02:00') == 5",
    '[1, 2, 3].isSorted() && [1, 2].sum() == 3 && [3, 1].min() == 1 && [3, 1].max() == 3 && [1, 2, 1].lastIndexOf(1) == 2',
    "sets.contains([1, 2], [1]) && sets.equivalent([1, 1], [1]) && !sets.intersects(['a'], ['b'])",
    "quantity('1Gi').isGreaterThan(quantity('1000Mi')) && quantity('1k') == quantity('1000') && !isQuantity('x')",
    "url('https://a.b:80/c%20d?x=1&x=2').getQuery()['x'].size() == 2 && url('/c').getEscapedPath() == '/c'",
    "ip('10.0.0.1').family() == 4 && isIP('::1') && ip('::1').isLoopback() && !isIP('10.0.0.256')",
    "cidr('10.0.0.0/8').containsIP('10.1.2.3') && cidr('10.1.2.3/8').masked() == cidr('10.0.0.0/8')",
    "format.dns1123Label().validate('A').hasValue() && !format.named('uuid').value().validate('x').value().isSorted() == false",
    "semver('1.2.3-rc.1').isLessThan(semver('1.2.3')) && isSemver('v1.2', true)",
    'self.?nothing_like_it.orValue(1) == 1 || true',
    'self.?a.orValue(7) == 3 && self.list[1].?v.orValue(9) == 9 && self.?s.optMap(x, x.size()).value() == 11',
    'cel.bind(x, self.a * 2, x + x) == 12 && math.greatest(1, 2, 3) == 3 && math.abs(-2) == 2',
    "1 < 2.5 && 1u + 2u == 3u && 0x10 == 16 && b'abc'.size() == 3 && r'\\d' == '\\\\d'",
    'false || (1 / 0 == 1 ? true : true) || true',
    "int('4') == 4 && string(1.5) == '1.5' && double('2') == 2.0 && bool('true') && string(b'a') == 'a'",
  ])('%s', (source) => {
    // `?.` on a field that isn't declared is refused like a plain selection.
    if (source.includes('nothing_like_it')) expect(evaluate(source)).toContain("undefined field 'nothing_like_it'");
    else expect(evaluate(source)).toBe(true);
  });
});

test("what can't be compiled is said as cel-go says it", () => {
  expect(
    [
      'self.nosuch',
      "self.a == 'x'",
      'self.s.contains(1)',
      'foo(1) + bar',
      "[1, 'a']",
      'has(self)',
      'self.free == 1',
      'self.a.all(x, true)',
    ].map(evaluate),
  ).toEqual([
    "ERROR: <input>:1:5: undefined field 'nosuch'\n | self.nosuch\n | ....^",
    "ERROR: <input>:1:8: found no matching overload for '_==_' applied to '(int, string)'\n | self.a == 'x'\n | .......^",
    "ERROR: <input>:1:16: found no matching overload for 'contains' applied to 'string.(int)'\n | self.s.contains(1)\n | ...............^",
    "ERROR: <input>:1:4: undeclared reference to 'foo' (in container '')\n | foo(1) + bar\n | ...^\nERROR: <input>:1:10: undeclared reference to 'bar' (in container '')\n | foo(1) + bar\n | .........^",
    "ERROR: <input>:1:5: expected type 'int' but found 'string'\n | [1, 'a']\n | ....^",
    'ERROR: <input>:1:4: invalid argument to has() macro\n | has(self)\n | ...^',
    "ERROR: <input>:1:5: undefined field 'free'\n | self.free == 1\n | ....^",
    "ERROR: <input>:1:11: expression of type 'int' cannot be range of a comprehension (must be list, map, or dynamic)\n | self.a.all(x, true)\n | ..........^",
  ]);
});

test("errors while evaluating have cel-go's words", () => {
  expect(
    ['self.list[1].v == 1', 'self.list[5].n', "self.map['z']", '1 / 0', '9223372036854775807 + 1', "int('x')"].map(
      (source) => evaluate(source),
    ),
  ).toEqual([
    'no such key: v',
    'index out of bounds: 5',
    'no such key: z',
    'division by zero',
    'integer overflow',
    'strconv.ParseInt: parsing "x": invalid syntax',
  ]);
});

test('an expression that costs too much is stopped', () => {
  const nested = "['a','b','c','d'].all(a, ['a','b','c','d'].all(b, ['a','b','c','d'].all(c, a + b + c != '')))";
  expect(evaluate(nested)).toBe(true);
  expect(evaluate(nested, 200)).toBe('operation cancelled: actual cost limit exceeded');
});

test('names of fields are escaped as Kubernetes does', () => {
  expect(['a-b', 'a.b', 'a/b', 'a__b', 'in', 'namespace', '1a', 'ü'].map(escapeName)).toEqual([
    'a__dash__b',
    'a__dot__b',
    'a__slash__b',
    'a__underscores__b',
    '__in__',
    '__namespace__',
    undefined,
    undefined,
  ]);
});

test('no text makes the compiler throw', () => {
  const part = fc.constantFrom(
    'self',
    '.a',
    '.s',
    '(',
    ')',
    '[',
    ']',
    '+',
    '==',
    '1',
    '"x"',
    ' ? ',
    ':',
    '&&',
    '.all(',
    'x,',
    '!',
    '-',
    '{',
    '}',
    '\\',
    '\n',
    '`',
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(part).map((parts) => parts.join('')),
      ),
      (source) => {
        const compiled = compileCel(source, new Map([['self', schemaType(SCHEMA) ?? DYN]]));
        expect(compiled.ok || compiled.message.startsWith('ERROR: <input>:')).toBe(true);
        if (compiled.ok) evaluate(source);
      },
    ),
    { numRuns: 500 },
  );
});
