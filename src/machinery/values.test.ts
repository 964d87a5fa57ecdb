import fc from 'fast-check';
import { expect, test } from 'vitest';
import { scaledValue } from './int-or-string.ts';
import {
  addQuantities,
  canonicalQuantity,
  compareQuantities,
  formatQuantity,
  parseQuantity,
  type Quantity,
  quantityToMilli,
  quantityToNumber,
} from './quantity.ts';
import { formatMicroTime, formatTime, humanDuration, parseTime } from './time.ts';

function quantity(text: string): Quantity {
  const result = parseQuantity(text);
  if (!result.ok) throw new Error(`${text}: ${result.message}`);
  return result.value;
}

test('quantities take their canonical form', () => {
  const expected: { [text: string]: string } = {
    '0': '0',
    '0Gi': '0',
    '1': '1',
    '0.5': '500m',
    '1.5': '1500m',
    '1.5Gi': '1536Mi',
    '1024Mi': '1Gi',
    '1025Mi': '1025Mi',
    '1000m': '1',
    '1000Ki': '1000Ki',
    '1000k': '1M',
    '1e3': '1e3',
    '1E': '1E',
    '2000e3': '2e6',
    '0.1Ki': '102400m',
    '1.1': '1100m',
    '500m': '500m',
    '-1.5': '-1500m',
    '0.0000000001': '1n',
    '1.001': '1.001',
    '128974848': '128974848',
    '129e6': '129e6',
    '123Mi': '123Mi',
    '2048': '2048',
    '512': '512',
    '0.5Gi': '512Mi',
    '100': '100',
    '12000': '12k',
  };
  expect(Object.fromEntries(Object.keys(expected).map((t) => [t, canonicalQuantity(t)]))).toEqual(expected);
});

test('what is no quantity is refused in upstream’s words', () => {
  expect(
    ['', 'abc', '1.2.3', '1Kib', '1KiM', '--1'].map((t) => {
      const r = parseQuantity(t);
      return r.ok ? 'ok' : r.message.slice(0, 33);
    }),
  ).toEqual([
    'quantities must match the regular',
    'quantities must match the regular',
    'quantities must match the regular',
    'quantities must match the regular',
    "unable to parse quantity's suffix",
    "unable to parse quantity's suffix",
  ]);
});

test('a canonical quantity parses to the same amount and prints itself', () => {
  const text = fc
    .tuple(
      fc.integer({ min: -99999, max: 99999 }),
      fc.option(fc.nat(999)),
      fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'Ki', 'Mi', 'Gi', 'e3', 'E-3'),
    )
    .map(([whole, part, suffix]) => `${whole}${part === null ? '' : `.${part}`}${suffix}`);
  fc.assert(
    fc.property(text, (t) => {
      const first = quantity(t);
      const canonical = formatQuantity({ nano: first.nano, format: first.format });
      expect(compareQuantities(quantity(canonical), first)).toBe(0);
      expect(formatQuantity(quantity(canonical))).toBe(canonical);
    }),
  );
});

test('quantities add, compare and round up', () => {
  expect(formatQuantity(addQuantities(quantity('1Gi'), quantity('512Mi')))).toBe('1536Mi');
  expect([
    compareQuantities(quantity('1Gi'), quantity('1G')),
    quantityToNumber(quantity('1500m')),
    quantityToMilli(quantity('0.25')),
    quantityToNumber(quantity('-0.5')),
  ]).toEqual([1, 2, 250, -1]);
});

test('percentages round as asked', () => {
  expect([
    scaledValue(3, 10, 'up'),
    scaledValue('25%', 10, 'up'),
    scaledValue('25%', 10, 'down'),
    scaledValue('a%', 1, 'up'),
    scaledValue('5', 1, 'up'),
  ]).toEqual([
    { ok: true, value: 3 },
    { ok: true, value: 3 },
    { ok: true, value: 2 },
    {
      ok: false,
      message: 'invalid value for IntOrString: invalid value "a%": strconv.Atoi: parsing "a": invalid syntax',
    },
    { ok: false, message: 'invalid value for IntOrString: invalid type: string is not a percentage' },
  ]);
});

test('times agree with the platform’s calendar in both directions', () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_000_000_000_000, max: 250_000_000_000_000 }), (ms) => {
      expect(formatTime(ms)).toBe(`${new Date(ms).toISOString().slice(0, 19)}Z`);
      expect(formatMicroTime(ms)).toBe(new Date(ms).toISOString().replace('Z', '000Z'));
      expect(parseTime(new Date(ms).toISOString())).toBe(ms);
    }),
  );
  expect([
    parseTime('2024-02-30T00:00:00Z'),
    parseTime('2024-02-29T01:00:00+01:00'),
    parseTime('2024-13-01T00:00:00Z'),
    parseTime('x'),
  ]).toEqual([undefined, Date.UTC(2024, 1, 29), undefined, undefined]);
});

test('durations print as kubectl prints ages', () => {
  const s = 1000,
    m = 60 * s,
    h = 60 * m,
    d = 24 * h;
  expect(
    [
      -3 * s,
      -s,
      119 * s,
      2 * m,
      312 * s,
      10 * m + 5 * s,
      179 * m,
      3 * h,
      3 * h + 5 * m,
      8 * h + m,
      47 * h,
      76 * h,
      72 * h,
      9 * d,
      815 * d,
      730 * d,
      9 * 365 * d,
    ].map(humanDuration),
  ).toEqual([
    '<invalid>',
    '0s',
    '119s',
    '2m',
    '5m12s',
    '10m',
    '179m',
    '3h',
    '3h5m',
    '8h',
    '47h',
    '3d4h',
    '3d',
    '9d',
    '2y85d',
    '2y',
    '9y',
  ]);
});
