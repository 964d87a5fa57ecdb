import { type Overload, overload } from '../overload.ts';
import type { CelType } from '../types.ts';
import { type AbstractValue, CelError } from '../values.ts';

const TYPE: CelType = { kind: 'abstract', name: 'kubernetes.Semver' };
const NUMBER = '(0|[1-9]\\d*)';
const STRICT = new RegExp(`^${NUMBER}\\.${NUMBER}\\.${NUMBER}(?:-([0-9A-Za-z.-]+))?(?:\\+[0-9A-Za-z.-]+)?$`);

/** A semantic version. */
interface SemverValue extends AbstractValue {
  readonly numbers: readonly bigint[];
  readonly pre: readonly string[];
}

/** `v1.2` as `1.2.0`. */
function normalized(text: string): string {
  const [, core = '', rest = ''] = /^v?([\d.]*)(.*)$/s.exec(text) ?? [];
  const parts = core.split('.').map((part) => part.replace(/^0+(?=\d)/, ''));
  return `${[...parts, '0', '0'].slice(0, Math.max(3, parts.length)).join('.')}${rest}`;
}

function parse(text: string, normalize = false): SemverValue | undefined {
  const match = STRICT.exec(normalize ? normalized(text) : text);
  if (match === null) return undefined;
  const [major = '0', minor = '0', patch = '0', pre = ''] = match.slice(1);
  const numbers = [major, minor, patch].map(BigInt);
  return { celType: TYPE, identity: `${numbers.join('.')}-${pre}`, numbers, pre: pre === '' ? [] : pre.split('.') };
}

function required(text: string, normalize = false): SemverValue {
  const value = parse(text, normalize);
  if (value === undefined) throw new CelError(`No Major.Minor.Patch elements found`);
  return value;
}

function comparePart(a: string | undefined, b: string | undefined): number {
  if (a === undefined || b === undefined) return a === b ? 0 : a === undefined ? -1 : 1;
  const [left, right] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (left && right) return Math.sign(Number(BigInt(a) - BigInt(b)));
  if (left !== right) return left ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}

function compare(a: SemverValue, b: SemverValue): number {
  for (const [i, number] of a.numbers.entries()) {
    const other = b.numbers[i] ?? 0n;
    if (number !== other) return number < other ? -1 : 1;
  }
  if (a.pre.length === 0 || b.pre.length === 0) return Math.sign(b.pre.length - a.pre.length);
  for (let i = 0; i < Math.max(a.pre.length, b.pre.length); i++) {
    const order = comparePart(a.pre[i], b.pre[i]);
    if (order !== 0) return order;
  }
  return 0;
}

const cost = (text: string): number => text.length / 10;

/** Kubernetes' semantic versions. */
export const semvers: readonly Overload[] = [
  overload('semver(string): kubernetes.Semver', (text: string) => required(text), cost),
  overload('semver(string, bool): kubernetes.Semver', required, cost),
  overload('isSemver(string): bool', (text: string) => parse(text) !== undefined, cost),
  overload('isSemver(string, bool): bool', (text: string, loose: boolean) => parse(text, loose) !== undefined, cost),
  overload('kubernetes.Semver.major(): int', (v: SemverValue) => v.numbers[0]),
  overload('kubernetes.Semver.minor(): int', (v: SemverValue) => v.numbers[1]),
  overload('kubernetes.Semver.patch(): int', (v: SemverValue) => v.numbers[2]),
  overload(
    'kubernetes.Semver.isGreaterThan(kubernetes.Semver): bool',
    (a: SemverValue, b: SemverValue) => compare(a, b) > 0,
  ),
  overload(
    'kubernetes.Semver.isLessThan(kubernetes.Semver): bool',
    (a: SemverValue, b: SemverValue) => compare(a, b) < 0,
  ),
  overload('kubernetes.Semver.compareTo(kubernetes.Semver): int', (a: SemverValue, b: SemverValue) =>
    BigInt(compare(a, b)),
  ),
];
