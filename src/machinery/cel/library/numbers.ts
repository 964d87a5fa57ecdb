import { type Overload, overload } from '../overload.ts';
import { CelError } from '../values.ts';
import { checkedInt, compareValues } from './operators.ts';

function pick(values: readonly unknown[], sign: number): unknown {
  if (values.length === 0) throw new CelError(`math.@${sign < 0 ? 'min' : 'max'}(list) argument must not be empty`);
  return values.reduce((best, value) => (compareValues(value, best) * sign > 0 ? value : best));
}

const MAX_ARGUMENTS = 6;

function variadic(name: string, sign: number): readonly Overload[] {
  const fixed = Array.from({ length: MAX_ARGUMENTS - 1 }, (_, i) => {
    const params = Array.from({ length: i + 2 }, () => 'dyn').join(', ');
    return overload(`math::${name}(${params}): dyn`, (...values: readonly unknown[]) => pick(values, sign));
  });
  const list = overload(
    `math::${name}(list<T>): T`,
    (values: readonly unknown[]) => pick(values, sign),
    (values) => values.length,
  );
  return [...fixed, list, overload(`math::${name}(T): T`, (value: unknown) => value)];
}

function magnitude(value: bigint): bigint {
  return checkedInt(value < 0n ? -value : value);
}

/** The `math` functions that Kubernetes knows. */
export const numbers: readonly Overload[] = [
  ...variadic('greatest', 1),
  ...variadic('least', -1),
  overload('math::abs(int): int', magnitude),
  overload('math::abs(double): double', Math.abs),
  overload('math::ceil(double): double', Math.ceil),
  overload('math::floor(double): double', Math.floor),
  overload('math::round(double): double', (v: number) => Math.sign(v) * Math.round(Math.abs(v))),
  overload('math::trunc(double): double', Math.trunc),
  overload('math::sign(int): int', (v: bigint) => (v > 0n ? 1n : v < 0n ? -1n : 0n)),
  overload('math::sign(double): double', Math.sign),
  overload('math::isInf(double): bool', (v: number) => Math.abs(v) === Number.POSITIVE_INFINITY),
  overload('math::isNaN(double): bool', Number.isNaN),
  overload('math::isFinite(double): bool', Number.isFinite),
];
