import { printDuration, printTimestamp } from './library/conversions.ts';
import { CelError, Duration, isAbstract, isObject, Optional, Timestamp, Uint } from './values.ts';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

function base64(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const text = (bits.match(/.{1,6}/g) ?? []).map((six) => ALPHABET[Number.parseInt(six.padEnd(6, '0'), 2)]).join('');
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=');
}

function fieldsOf(entries: Iterable<readonly [unknown, unknown]>): object {
  return Object.fromEntries(
    [...entries].map(([name, value]) => {
      if (typeof name !== 'string') throw new CelError(`map key "${String(name)}" is not a string`);
      return [name, toJson(value)];
    }),
  );
}

function instanceToJson(value: object): unknown {
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Map) return fieldsOf(value);
  if (value instanceof Optional) return value.hasValue ? toJson(value.value) : null;
  if (value instanceof Uint) return Number(value.value);
  if (value instanceof Timestamp) return printTimestamp(value);
  if (value instanceof Duration) return printDuration(value.nanos);
  if (value instanceof Uint8Array) return base64(value);
  if (isObject(value)) return fieldsOf(value.names().map((name) => [name, value.get(name)] as const));
  throw new CelError(
    isAbstract(value) ? `unable to convert ${value.celType.kind} to JSON` : 'unable to convert to JSON',
  );
}

/** A value of an expression as JSON. Throws CelError for what JSON can't say. */
export function toJson(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  return typeof value === 'object' && value !== null ? instanceToJson(value) : value;
}
