import type { FieldError } from './field-error.ts';
import { goJson, goQuote } from './go-format.ts';

// Paths are plain strings (`spec.containers[0].image`), so validators may also use template literals.

/** `path.name…`; an empty path gives the names alone. */
export function child(path: string, ...names: readonly string[]): string {
  const tail = names.join('.');
  return path === '' ? tail : `${path}.${tail}`;
}

/** `path[index]`. */
export function index(path: string, position: number): string {
  return `${path}[${position}]`;
}

/** `path[key]`, for maps with free keys. */
export function key(path: string, name: string): string {
  return `${path}[${name}]`;
}

/** A value as `field.Error` prints it: strings quoted, simple values plain, the rest as JSON. */
export function printBadValue(value: unknown): string {
  if (typeof value === 'string') return goQuote(value);
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  return goJson(value);
}

function withDetail(head: string, detail: string): string {
  return detail === '' ? head : `${head}: ${detail}`;
}

function plural(count: number, one: string): string {
  return count === 1 ? one : `${one}s`;
}

/** `field.Required`. */
export function required(field: string, detail = ''): FieldError {
  return { type: 'FieldValueRequired', field, message: withDetail('Required value', detail) };
}

/** `field.Invalid`. */
export function invalidValue(field: string, value: unknown, detail: string): FieldError {
  return {
    type: 'FieldValueInvalid',
    field,
    message: withDetail(`Invalid value: ${printBadValue(value)}`, detail),
  };
}

/** `field.Invalid` with a value that isn't shown. */
export function invalidField(field: string, detail: string): FieldError {
  return { type: 'FieldValueInvalid', field, message: withDetail('Invalid value', detail) };
}

/** `field.TypeInvalid`. */
export function typeInvalid(field: string, value: unknown, detail: string): FieldError {
  return { ...invalidValue(field, value, detail), type: 'FieldValueTypeInvalid' };
}

/** `field.NotSupported`; `allowed` is printed in the given order (upstream mostly sorts it: do so at the caller). */
export function notSupported(field: string, value: unknown, allowed: readonly string[]): FieldError {
  const detail = allowed.length === 0 ? '' : `supported values: ${allowed.map(goQuote).join(', ')}`;
  return {
    type: 'FieldValueNotSupported',
    field,
    message: withDetail(`Unsupported value: ${printBadValue(value)}`, detail),
  };
}

/** `field.Forbidden`. */
export function forbiddenField(field: string, detail: string): FieldError {
  return { type: 'FieldValueForbidden', field, message: withDetail('Forbidden', detail) };
}

/** `field.Duplicate`. */
export function duplicate(field: string, value: unknown): FieldError {
  return { type: 'FieldValueDuplicate', field, message: `Duplicate value: ${printBadValue(value)}` };
}

/** `field.NotFound`. */
export function notFoundField(field: string, value: unknown): FieldError {
  return { type: 'FieldValueNotFound', field, message: `Not found: ${printBadValue(value)}` };
}

/** `field.TooLong`: the limit is in bytes. */
export function tooLong(field: string, maxBytes: number): FieldError {
  const message = `Too long: may not be more than ${maxBytes} ${plural(maxBytes, 'byte')}`;
  return { type: 'FieldValueTooLong', field, message };
}

/** `field.TooMany`. */
export function tooMany(field: string, actual: number, max: number): FieldError {
  const message = `Too many: ${actual}: must have at most ${max} ${plural(max, 'item')}`;
  return { type: 'FieldValueTooMany', field, message };
}

/** `ValidateImmutableField`'s sentence. */
export const FIELD_IS_IMMUTABLE = 'field is immutable';

/** One sentence for a list of errors, as apimachinery's aggregate prints it: duplicates once, `[a, b]` when several. */
export function aggregateFieldErrors(errors: readonly FieldError[]): string {
  const lines = [...new Set(errors.map((e) => (e.field === '' ? `<nil>: ${e.message}` : `${e.field}: ${e.message}`)))];
  return lines.length === 1 ? (lines[0] ?? '') : `[${lines.join(', ')}]`;
}
