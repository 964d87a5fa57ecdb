import { type Overload, overload } from '../overload.ts';
import { CelError, celEqual, Duration, mapKey, Timestamp, Uint } from '../values.ts';

const MAX_INT = 2n ** 63n - 1n;
const MAX_UINT = 2n ** 64n - 1n;

/** The integer, where it fits. Throws CelError. */
export function checkedInt(value: bigint): bigint {
  if (value > MAX_INT || value < -MAX_INT - 1n) throw new CelError('integer overflow');
  return value;
}

/** The unsigned integer, where it fits. Throws CelError. */
export function checkedUint(value: bigint): Uint {
  if (value > MAX_UINT || value < 0n) throw new CelError('unsigned integer overflow');
  return new Uint(value);
}

function nonZero(value: bigint, what: string): bigint {
  if (value === 0n) throw new CelError(what);
  return value;
}

const DIVISION = 'division by zero';
const MODULUS = 'modulus by zero';

const ints: readonly Overload[] = [
  overload('_+_(int, int): int', (a: bigint, b: bigint) => checkedInt(a + b)),
  overload('_-_(int, int): int', (a: bigint, b: bigint) => checkedInt(a - b)),
  overload('_*_(int, int): int', (a: bigint, b: bigint) => checkedInt(a * b)),
  overload('_/_(int, int): int', (a: bigint, b: bigint) => checkedInt(a / nonZero(b, DIVISION))),
  overload('_%_(int, int): int', (a: bigint, b: bigint) => a % nonZero(b, MODULUS)),
  overload('-_(int): int', (a: bigint) => checkedInt(-a)),
  overload('_+_(uint, uint): uint', (a: Uint, b: Uint) => checkedUint(a.value + b.value)),
  overload('_-_(uint, uint): uint', (a: Uint, b: Uint) => checkedUint(a.value - b.value)),
  overload('_*_(uint, uint): uint', (a: Uint, b: Uint) => checkedUint(a.value * b.value)),
  overload('_/_(uint, uint): uint', (a: Uint, b: Uint) => new Uint(a.value / nonZero(b.value, DIVISION))),
  overload('_%_(uint, uint): uint', (a: Uint, b: Uint) => new Uint(a.value % nonZero(b.value, MODULUS))),
];

const doubles: readonly Overload[] = [
  overload('_+_(double, double): double', (a: number, b: number) => a + b),
  overload('_-_(double, double): double', (a: number, b: number) => a - b),
  overload('_*_(double, double): double', (a: number, b: number) => a * b),
  overload('_/_(double, double): double', (a: number, b: number) => a / b),
  overload('-_(double): double', (a: number) => -a),
];

const tenth = (...sizes: readonly number[]): number => sizes.reduce((sum, size) => sum + size, 0) / 10;

const sequences: readonly Overload[] = [
  overload(
    '_+_(string, string): string',
    (a: string, b: string) => a + b,
    (a, b) => tenth(a.length, b.length),
  ),
  overload(
    '_+_(bytes, bytes): bytes',
    (a: Uint8Array, b: Uint8Array) => Uint8Array.from([...a, ...b]),
    (a, b) => tenth(a.length, b.length),
  ),
  overload(
    '_+_(list<T>, list<T>): list<T>',
    (a: readonly unknown[], b: readonly unknown[]) => [...a, ...b],
    (a, b) => tenth(a.length, b.length),
  ),
  overload(
    '@in(T, list<T>): bool',
    (a: unknown, list: readonly unknown[]) => list.some((item) => celEqual(a, item)),
    (_, list) => list.length,
  ),
  overload('@in(K, map<K, V>): bool', (a: unknown, map: ReadonlyMap<unknown, unknown>) => map.has(mapKey(a))),
];

const times: readonly Overload[] = [
  overload('_+_(timestamp, duration): timestamp', (a: Timestamp, b: Duration) => new Timestamp(a.nanos + b.nanos)),
  overload('_+_(duration, timestamp): timestamp', (a: Duration, b: Timestamp) => new Timestamp(a.nanos + b.nanos)),
  overload('_+_(duration, duration): duration', (a: Duration, b: Duration) => new Duration(a.nanos + b.nanos)),
  overload('_-_(timestamp, duration): timestamp', (a: Timestamp, b: Duration) => new Timestamp(a.nanos - b.nanos)),
  overload('_-_(timestamp, timestamp): duration', (a: Timestamp, b: Timestamp) => new Duration(a.nanos - b.nanos)),
  overload('_-_(duration, duration): duration', (a: Duration, b: Duration) => new Duration(a.nanos - b.nanos)),
  overload('-_(duration): duration', (a: Duration) => new Duration(-a.nanos)),
];

function sizeOf(value: unknown): number {
  if (typeof value === 'string' || Array.isArray(value)) return value.length;
  return value instanceof Map ? value.size : 1;
}

const equality: readonly Overload[] = [
  overload(
    '_==_(T, T): bool',
    (a: unknown, b: unknown) => celEqual(a, b),
    (a, b) => tenth(Math.min(sizeOf(a), sizeOf(b))),
  ),
  overload(
    '_!=_(T, T): bool',
    (a: unknown, b: unknown) => !celEqual(a, b),
    (a, b) => tenth(Math.min(sizeOf(a), sizeOf(b))),
  ),
];

type Comparable = bigint | number | string | boolean;

function comparable(value: unknown): Comparable {
  if (value instanceof Uint) return value.value;
  if (value instanceof Timestamp || value instanceof Duration) return value.nanos;
  return value instanceof Uint8Array ? String.fromCharCode(...value) : (value as Comparable);
}

/** Order of two values of one type, or of two numbers: negative, zero, positive; NaN is in no order. */
export function compareValues(a: unknown, b: unknown): number {
  const [left, right] = [comparable(a), comparable(b)];
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  return left < right ? -1 : left > right ? 1 : left >= right ? 0 : Number.NaN;
}

/** Order by code points, as Go compares strings. */
function compareText(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; ) {
    const [x = 0, y = 0] = [a.codePointAt(i), b.codePointAt(i)];
    if (x !== y) return x - y;
    i += x > 0xffff ? 2 : 1;
  }
  return a.length - b.length;
}

const ORDERED: readonly (readonly [string, string])[] = [
  ...['bool', 'string', 'bytes', 'timestamp', 'duration'].map((type) => [type, type] as const),
  ...['int', 'uint', 'double'].flatMap((a) => ['int', 'uint', 'double'].map((b) => [a, b] as const)),
];

const orders: readonly Overload[] = ORDERED.flatMap(([a, b]) => [
  overload(`_<_(${a}, ${b}): bool`, (x: unknown, y: unknown) => compareValues(x, y) < 0),
  overload(`_<=_(${a}, ${b}): bool`, (x: unknown, y: unknown) => compareValues(x, y) <= 0),
  overload(`_>_(${a}, ${b}): bool`, (x: unknown, y: unknown) => compareValues(x, y) > 0),
  overload(`_>=_(${a}, ${b}): bool`, (x: unknown, y: unknown) => compareValues(x, y) >= 0),
]);

const never = (): never => {
  throw new CelError('no such overload');
};

/** The language's operators. Those that choose what to evaluate are only declared here. */
export const operators: readonly Overload[] = [
  overload('_&&_(bool, bool): bool', never),
  overload('_||_(bool, bool): bool', never),
  overload('_?_:_(bool, T, T): T', never),
  overload('!_(bool): bool', (a: boolean) => !a),
  ...ints,
  ...doubles,
  ...sequences,
  ...times,
  ...equality,
  ...orders,
];
