import { utf8 } from '../tokens.ts';
import { CelError, Duration, isObject, Timestamp, TypeValue, Uint } from '../values.ts';
import { printDouble, printDuration, textOf } from './conversions.ts';

const DIRECTIVE = /%%|%(?:\.(\d+))?([a-zA-Z])/g;

/** A value as `%s` writes it. */
function printed(value: unknown): string {
  if (typeof value === 'number') return printDouble(value);
  if (Array.isArray(value)) return `[${value.map(printed).join(', ')}]`;
  if (value instanceof Map)
    return `{${[...value]
      .map(([k, v]) => `${printed(k)}: ${printed(v)}`)
      .sort()
      .join(', ')}}`;
  if (value instanceof Uint) return String(value.value);
  if (value instanceof Uint8Array) return textOf(value);
  if (value instanceof Duration) return printDuration(value.nanos);
  if (value instanceof TypeValue) return value.name;
  if (value instanceof Timestamp || isObject(value)) throw new CelError('string clause can only be used on strings');
  return String(value);
}

function integer(value: unknown, directive: string): bigint {
  if (typeof value === 'bigint') return value;
  if (value instanceof Uint) return value.value;
  throw new CelError(`error during formatting: ${directive} clause can only be used on integers`);
}

function hex(value: unknown): string {
  if (typeof value === 'string' || value instanceof Uint8Array) {
    const bytes = typeof value === 'string' ? utf8(value) : [...value];
    return bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  }
  return integer(value, 'hex').toString(16);
}

function real(value: unknown): number {
  if (typeof value === 'number') return value;
  return Number(integer(value, 'fixed-point'));
}

const DEFAULT_PRECISION = 6;

function formatted(letter: string, value: unknown, precision: string | undefined): string {
  const digits = precision === undefined ? DEFAULT_PRECISION : Number(precision);
  switch (letter) {
    case 's':
      return printed(value);
    case 'd':
      return typeof value === 'number' ? printDouble(value) : String(integer(value, 'decimal'));
    case 'f':
      return real(value).toFixed(digits);
    case 'e':
      return real(value)
        .toExponential(digits)
        .replace(/e([+-])(\d)$/, 'e$10$2');
    case 'b':
      return typeof value === 'boolean' ? String(Number(value)) : integer(value, 'binary').toString(2);
    case 'o':
      return integer(value, 'octal').toString(8);
    case 'x':
      return hex(value);
    case 'X':
      return hex(value).toUpperCase();
    default:
      throw new CelError(`error during formatting: unrecognized formatting clause "${letter}"`);
  }
}

/** `string.format`: a Go-like format with a list of arguments. Throws CelError. */
export function formatText(format: string, args: readonly unknown[]): string {
  let next = 0;
  return format.replace(DIRECTIVE, (whole, precision: string | undefined, letter: string) => {
    if (whole === '%%') return '%';
    if (next >= args.length) throw new CelError(`error during formatting: index ${next} out of range`);
    return formatted(letter, args[next++], precision);
  });
}
