import { formatMicroTime, formatTime, parseTime } from '../../time.ts';
import { type Overload, overload } from '../overload.ts';
import { utf8 } from '../tokens.ts';
import { printType } from '../types.ts';
import { CelError, Duration, Timestamp, TypeValue, typeOf, type Uint } from '../values.ts';
import { checkedInt, checkedUint } from './operators.ts';

const NANOS_PER_MS = 1_000_000n;
const NANOS_PER_SECOND = 1_000_000_000n;
const UNITS: { readonly [unit: string]: bigint } = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: NANOS_PER_MS,
  s: NANOS_PER_SECOND,
  m: 60n * NANOS_PER_SECOND,
  h: 3600n * NANOS_PER_SECOND,
};

/** A Go duration in nanoseconds; undefined where the text isn't one. */
export function parseGoDuration(text: string): bigint | undefined {
  const [, sign = '', rest = ''] = /^([-+]?)(.+)$/.exec(text) ?? [];
  if (rest === '0') return 0n;
  if (!/^(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(rest)) return undefined;
  let nanos = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of rest.matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g)) {
    const scale = UNITS[unit] ?? 0n;
    nanos += BigInt(whole || '0') * scale + (BigInt(fraction || '0') * scale) / 10n ** BigInt(fraction.length);
  }
  return sign === '-' ? -nanos : nanos;
}

/** A duration as Go prints seconds: `5400s`, `1.5s`. */
export function printDuration(nanos: bigint): string {
  const size = nanos < 0n ? -nanos : nanos;
  const fraction = String(size % NANOS_PER_SECOND)
    .padStart(9, '0')
    .replace(/0+$/, '');
  return `${nanos < 0n ? '-' : ''}${size / NANOS_PER_SECOND}${fraction === '' ? '' : `.${fraction}`}s`;
}

/** Reads an RFC 3339 time. Throws CelError. */
export function parseTimestamp(text: string): Timestamp {
  const ms = parseTime(text);
  if (ms === undefined) throw new CelError(`invalid timestamp "${text}"`);
  const below = (/\.(\d+)/.exec(text)?.[1] ?? '').padEnd(9, '0').slice(3, 9);
  return new Timestamp(BigInt(ms) * NANOS_PER_MS + BigInt(below));
}

/** Milliseconds since 1970, cut downwards. */
export function millisOf({ nanos }: Timestamp): number {
  const ms = nanos / NANOS_PER_MS;
  return Number(nanos % NANOS_PER_MS < 0n ? ms - 1n : ms);
}

/** A time as RFC 3339, with as many digits as it has. */
export function printTimestamp(time: Timestamp): string {
  const ms = millisOf(time);
  if (time.nanos % NANOS_PER_SECOND === 0n) return formatTime(ms);
  const micros = Number((time.nanos / 1000n) % 1000n);
  return formatMicroTime(ms, Math.abs(micros)).replace(/0+Z$/, 'Z');
}

/** A number as Go's `%g` with all digits prints it. */
export function printDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e21)) return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  return String(value);
}

/** UTF-8 as text. Throws CelError. */
export function textOf(bytes: Uint8Array): string {
  try {
    return decodeURIComponent([...bytes].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''));
  } catch {
    throw new CelError('invalid UTF-8 in bytes, cannot convert to string');
  }
}

function integerOf(text: string): bigint {
  if (!/^[-+]?\d+$/.test(text)) throw new CelError(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  return BigInt(text.replace(/^\+/, ''));
}

function truncated(value: number): bigint {
  if (!Number.isFinite(value)) throw new CelError('integer overflow');
  return BigInt(Math.trunc(value));
}

function doubleOf(text: string): number {
  const value = text.trim() === text && text !== '' ? Number(text) : Number.NaN;
  if (Number.isNaN(value) && text !== 'NaN')
    throw new CelError(`strconv.ParseFloat: parsing "${text}": invalid syntax`);
  return value;
}

const TRUE = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const FALSE = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

function boolOf(text: string): boolean {
  if (TRUE.has(text)) return true;
  if (FALSE.has(text)) return false;
  throw new CelError(`strconv.ParseBool: parsing "${text}": invalid syntax`);
}

function durationOf(text: string): Duration {
  const nanos = parseGoDuration(text);
  if (nanos === undefined) throw new CelError(`time: invalid duration "${text}"`);
  return new Duration(nanos);
}

function typeName(value: unknown): TypeValue {
  const type = typeOf(value);
  return new TypeValue(type.kind === 'list' || type.kind === 'map' ? type.kind : printType(type));
}

const same = (value: unknown): unknown => value;

const toNumbers: readonly Overload[] = [
  overload('int(int): int', same),
  overload('int(uint): int', (v: Uint) => checkedInt(v.value)),
  overload('int(double): int', (v: number) => checkedInt(truncated(v))),
  overload('int(string): int', (v: string) => checkedInt(integerOf(v))),
  overload('int(timestamp): int', (v: Timestamp) => v.nanos / NANOS_PER_SECOND),
  overload('int(duration): int', (v: Duration) => v.nanos),
  overload('uint(uint): uint', same),
  overload('uint(int): uint', (v: bigint) => checkedUint(v)),
  overload('uint(double): uint', (v: number) => checkedUint(truncated(v))),
  overload('uint(string): uint', (v: string) => checkedUint(integerOf(v))),
  overload('double(double): double', same),
  overload('double(int): double', (v: bigint) => Number(v)),
  overload('double(uint): double', (v: Uint) => Number(v.value)),
  overload('double(string): double', doubleOf),
];

const toTexts: readonly Overload[] = [
  overload('string(string): string', same),
  overload('string(bool): string', String),
  overload('string(int): string', String),
  overload('string(uint): string', (v: Uint) => String(v.value)),
  overload('string(double): string', printDouble),
  overload('string(bytes): string', textOf),
  overload('string(timestamp): string', printTimestamp),
  overload('string(duration): string', (v: Duration) => printDuration(v.nanos)),
  overload('bytes(bytes): bytes', same),
  overload('bytes(string): bytes', (v: string) => Uint8Array.from(utf8(v))),
];

/** Conversions between types. */
export const conversions: readonly Overload[] = [
  ...toNumbers,
  ...toTexts,
  overload('bool(bool): bool', same),
  overload('bool(string): bool', boolOf),
  overload('timestamp(timestamp): timestamp', same),
  overload('timestamp(string): timestamp', parseTimestamp),
  overload('timestamp(int): timestamp', (v: bigint) => new Timestamp(v * NANOS_PER_SECOND)),
  overload('duration(duration): duration', same),
  overload('duration(string): duration', durationOf),
  overload('duration(int): duration', (v: bigint) => new Duration(v)),
  overload('dyn(T): dyn', same),
  overload('type(T): type', typeName),
];
