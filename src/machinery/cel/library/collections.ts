import { type Overload, overload } from '../overload.ts';
import { CelError, celEqual, Duration, NONE, Optional, Uint } from '../values.ts';
import { checkedInt, checkedUint, compareValues } from './operators.ts';

type List = readonly unknown[];
const length = (list: List): number => list.length;

function isSorted(list: List): boolean {
  return list.every((item, at) => at === 0 || compareValues(list[at - 1], item) <= 0);
}

function extreme(list: List, sign: number): unknown {
  if (list.length === 0) throw new CelError(`${sign < 0 ? 'min' : 'max'} called on empty list`);
  return list.reduce((best, item) => (compareValues(item, best) * sign > 0 ? item : best));
}

function sum(list: List): unknown {
  const [first] = list;
  if (typeof first === 'number') return (list as readonly number[]).reduce((a, b) => a + b, 0);
  if (first instanceof Uint) return checkedUint((list as readonly Uint[]).reduce((a, b) => a + b.value, 0n));
  if (first instanceof Duration) return new Duration((list as readonly Duration[]).reduce((a, b) => a + b.nanos, 0n));
  return checkedInt((list as readonly bigint[]).reduce((a, b) => a + b, 0n));
}

function position(list: List, item: unknown): bigint {
  return BigInt(list.findIndex((each) => celEqual(each, item)));
}

function lastPosition(list: List, item: unknown): bigint {
  return BigInt(list.findLastIndex((each) => celEqual(each, item)));
}

/** The list, where it isn't endless. Throws CelError. */
function flattened(list: List, depth: bigint): List {
  if (depth < 0n) throw new CelError('level must be non-negative');
  return list.flat(Number(depth));
}

function sliced(list: List, from: bigint, to: bigint): List {
  const count = BigInt(list.length);
  if (from < 0n || to < 0n) throw new CelError(`cannot slice(${from}, ${to}), negative indexes not supported`);
  if (from > to)
    throw new CelError(`cannot slice(${from}, ${to}), start index must be less than or equal to end index`);
  if (to > count) throw new CelError(`cannot slice(${from}, ${to}), list is length ${count}`);
  return list.slice(Number(from), Number(to));
}

function distinct(list: List): List {
  return list.filter((item, at) => list.findIndex((each) => celEqual(each, item)) === at);
}

const quadratic = (a: List, b: List = a): number => a.length * b.length;

const sets: readonly Overload[] = [
  overload(
    'sets::contains(list<T>, list<T>): bool',
    (a: List, b: List) => b.every((item) => position(a, item) >= 0n),
    quadratic,
  ),
  overload(
    'sets::equivalent(list<T>, list<T>): bool',
    (a: List, b: List) => b.every((item) => position(a, item) >= 0n) && a.every((item) => position(b, item) >= 0n),
    (a, b) => 2 * quadratic(a, b),
  ),
  overload(
    'sets::intersects(list<T>, list<T>): bool',
    (a: List, b: List) => b.some((item) => position(a, item) >= 0n),
    quadratic,
  ),
];

const sizes: readonly Overload[] = [
  overload('size(bytes): int', (a: Uint8Array) => BigInt(a.length)),
  overload('size(list<T>): int', (a: List) => BigInt(a.length)),
  overload('size(map<K, V>): int', (a: ReadonlyMap<unknown, unknown>) => BigInt(a.size)),
  overload('bytes.size(): int', (a: Uint8Array) => BigInt(a.length)),
  overload('list<T>.size(): int', (a: List) => BigInt(a.length)),
  overload('map<K, V>.size(): int', (a: ReadonlyMap<unknown, unknown>) => BigInt(a.size)),
];

const optionals: readonly Overload[] = [
  overload('optional::of(T): optional<T>', (value: unknown) => new Optional(true, value)),
  overload('optional::none(): optional<T>', () => NONE),
  overload('optional::ofNonZeroValue(T): optional<T>', (value: unknown) =>
    isZero(value) ? NONE : new Optional(true, value),
  ),
  overload('optional<T>.hasValue(): bool', (value: Optional) => value.hasValue),
  overload('optional<T>.value(): T', (value: Optional) => {
    if (!value.hasValue) throw new CelError('optional.none() dereference');
    return value.value;
  }),
  overload('optional<T>.or(optional<T>): optional<T>', (a: Optional, b: Optional) => (a.hasValue ? a : b)),
  overload('optional<T>.orValue(T): T', (a: Optional, b: unknown) => (a.hasValue ? a.value : b)),
];

function isZero(value: unknown): boolean {
  if (value === null || value === '' || value === false || value === 0 || value === 0n) return true;
  if (Array.isArray(value)) return value.length === 0;
  return value instanceof Map && value.size === 0;
}

/** Functions of lists, maps, sets and optional values: Kubernetes' list library, `sets`, and cel-go's own. */
export const collections: readonly Overload[] = [
  ...sizes,
  ...sets,
  ...optionals,
  overload('list<T>.isSorted(): bool', isSorted, length),
  overload('list<T>.sum(): T', sum, length),
  overload('list<T>.min(): T', (list: List) => extreme(list, -1), length),
  overload('list<T>.max(): T', (list: List) => extreme(list, 1), length),
  overload('list<T>.indexOf(T): int', position, length),
  overload('list<T>.lastIndexOf(T): int', lastPosition, length),
  overload('list<dyn>.flatten(): list<dyn>', (list: List) => flattened(list, 1n), length),
  overload('list<dyn>.flatten(int): list<dyn>', flattened, length),
  overload('list<T>.slice(int, int): list<T>', sliced, length),
  overload('list<T>.distinct(): list<T>', distinct, quadratic),
  overload('list<T>.reverse(): list<T>', (list: List) => [...list].reverse(), length),
  overload('list<T>.sort(): list<T>', (list: List) => [...list].sort(compareValues), quadratic),
];
