import { type Parsed, parsed, unparsable } from './parsed.ts';

/** How a quantity is written back. */
export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** `resource.Quantity`: an exact number with the format that it was written in. */
export interface Quantity {
  /** In billionths; upstream keeps no more and rounds away from zero. */
  readonly nano: bigint;
  readonly format: QuantityFormat;
  /** The text it was parsed from where upstream keeps that verbatim. */
  readonly text?: string;
}

interface Suffix {
  readonly base: 2 | 10;
  readonly exponent: number;
  readonly format: QuantityFormat;
}

const NANO = 1_000_000_000n;
const MAX_BINARY = (2n ** 63n - 1n) * NANO;
const DECIMAL_SUFFIXES = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];
const SHAPE = /^([+-]?)(\d*)(?:\.(\d*))?([eEinumkKMGTP]*[-+]?\d*)$/;
const WRONG_FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
const WRONG_SUFFIX = "unable to parse quantity's suffix";

function parseSuffix(text: string): Suffix | undefined {
  const decimal = DECIMAL_SUFFIXES.indexOf(text);
  if (decimal >= 0) return { base: 10, exponent: (decimal - 3) * 3, format: 'DecimalSI' };
  const binary = BINARY_SUFFIXES.indexOf(text);
  if (binary > 0) return { base: 2, exponent: binary * 10, format: 'BinarySI' };
  if (!/^[eE][-+]?\d{1,4}$/.test(text)) return undefined;
  return { base: 10, exponent: Number(text.slice(1)), format: 'DecimalExponent' };
}

/** n / d, away from zero. */
function divideUp(n: bigint, d: bigint): bigint {
  return n % d === 0n ? n / d : n / d + 1n;
}

function scaleToNano(digits: bigint, places: number, suffix: Suffix): bigint {
  if (suffix.base === 2) return divideUp(digits * 2n ** BigInt(suffix.exponent) * NANO, 10n ** BigInt(places));
  const power = suffix.exponent - places + 9;
  return power >= 0 ? digits * 10n ** BigInt(power) : divideUp(digits, 10n ** BigInt(-power));
}

/** Upstream reuses the text in some cases where it isn't canonical (`1.001`, `+1`); clients see that. */
function keepsText(integer: string, fraction: string, suffix: Suffix): boolean {
  const shifted = (integer || '0') + fraction;
  if (shifted.length > 18) return false;
  if (suffix.base === 2)
    return fraction === '' && BigInt(shifted) % 8n !== 0n && shifted.length < 10 && suffix.exponent <= 30;
  const scale = suffix.exponent - fraction.length;
  return scale >= -9 && scale % 3 === 0 && !shifted.endsWith('000') && !shifted.startsWith('0');
}

/** Parses `1`, `1.5Gi`, `100m`, `1e3`. Failure texts are upstream's. */
export function parseQuantity(source: string | number): Parsed<Quantity> {
  const text = String(source);
  if (text === '') return unparsable(WRONG_FORMAT);
  const [, sign, leading = '', fraction = '', tail = ''] = SHAPE.exec(text) ?? [];
  if (sign === undefined) return unparsable(WRONG_FORMAT);
  const suffix = parseSuffix(tail);
  if (suffix === undefined) return unparsable(WRONG_SUFFIX);
  if (leading === '' && fraction === '' && tail === '' && sign !== '') return parsed({ nano: 0n, format: 'DecimalSI' });
  const integer = leading.replace(/^0+/, '');
  const magnitude = scaleToNano(BigInt(integer + fraction || '0'), fraction.length, suffix);
  const capped = suffix.base === 2 && magnitude > MAX_BINARY ? MAX_BINARY : magnitude;
  const format = suffix.base === 2 && capped < NANO && capped > 0n ? 'DecimalSI' : suffix.format;
  const kept = keepsText(integer, fraction, suffix) ? { text } : {};
  return parsed({ nano: sign === '-' ? -capped : capped, format, ...kept });
}

function formatPower(amount: bigint, step: bigint, suffixes: readonly string[]): string {
  let rest = amount;
  let power = 0;
  while (power < suffixes.length - 1 && rest % step === 0n) {
    rest /= step;
    power++;
  }
  return `${rest}${suffixes[power]}`;
}

function formatExponent(nano: bigint): string {
  let rest = nano;
  let exponent = -9;
  while (rest % 1000n === 0n) {
    rest /= 1000n;
    exponent += 3;
  }
  return exponent === 0 ? `${rest}` : `${rest}e${exponent}`;
}

/** The canonical form: no fraction, the largest suffix that keeps it exact. */
export function formatQuantity(quantity: Quantity): string {
  const { nano, format, text } = quantity;
  if (text !== undefined) return text;
  if (nano === 0n) return '0';
  if (format === 'DecimalExponent') return formatExponent(nano);
  const small = nano > -1024n * NANO && nano < 1024n * NANO;
  if (format === 'DecimalSI' || small || nano % NANO !== 0n) return formatPower(nano, 1000n, DECIMAL_SUFFIXES);
  return formatPower(nano / NANO, 1024n, BINARY_SUFFIXES);
}

/** The canonical text of a quantity as written in an object; undefined when it isn't one. */
export function canonicalQuantity(source: string | number): string | undefined {
  const quantity = parseQuantity(source);
  return quantity.ok ? formatQuantity(quantity.value) : undefined;
}

/** A whole number as a quantity. */
export function quantityOf(value: number | bigint, format: QuantityFormat = 'DecimalSI'): Quantity {
  return { nano: BigInt(value) * NANO, format };
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0;
}

/** The sum; keeps `a`'s format unless `a` is zero, as upstream. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano + b.nano, format: a.nano === 0n ? b.format : a.format };
}

/** The difference; format as for the sum. */
export function subtractQuantities(a: Quantity, b: Quantity): Quantity {
  return { nano: a.nano - b.nano, format: a.nano === 0n ? b.format : a.format };
}

/** `Quantity.Value()`: whole units, rounded away from zero. Exact up to 2^53. */
export function quantityToNumber(quantity: Quantity): number {
  return Number(roundTo(quantity.nano, NANO));
}

/** `Quantity.MilliValue()`: thousandths, rounded away from zero. */
export function quantityToMilli(quantity: Quantity): number {
  return Number(roundTo(quantity.nano, 1_000_000n));
}

/** The quantity as a floating-point number; may lose digits. */
export function quantityToFloat(quantity: Quantity): number {
  return Number(quantity.nano) / 1e9;
}

function roundTo(nano: bigint, unit: bigint): bigint {
  return nano < 0n ? -divideUp(-nano, unit) : divideUp(nano, unit);
}
