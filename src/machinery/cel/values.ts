import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  optionalOf,
  STRING,
  TIMESTAMP,
  TYPE,
  UINT,
} from './types.ts';

// Values at run time: boolean, bigint (int), number (double), string, null, Uint8Array (bytes), readonly arrays, Maps,
// and the classes below.

/** An unsigned integer. */
export class Uint {
  readonly value: bigint;

  constructor(value: bigint) {
    this.value = value;
  }
}

/** A point in time, in nanoseconds since 1970. */
export class Timestamp {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A span of time, in nanoseconds. */
export class Duration {
  readonly nanos: bigint;

  constructor(nanos: bigint) {
    this.nanos = nanos;
  }
}

/** A value that may be missing. */
export class Optional {
  readonly value: unknown;
  readonly hasValue: boolean;

  constructor(hasValue: boolean, value?: unknown) {
    this.hasValue = hasValue;
    this.value = value;
  }
}

/** The missing value. */
export const NONE = new Optional(false);

/** A type as a value. */
export class TypeValue {
  readonly name: string;

  constructor(name: string) {
    this.name = name;
  }
}

/** A struct: fields by their names in expressions, read when somebody asks. */
export interface ObjectValue {
  readonly celType: CelType;
  /** Undefined for a field that isn't there. */
  readonly get: (field: string) => unknown;
  /** Names of the fields that are there. */
  readonly names: () => readonly string[];
}

/** A struct that an expression has made: `Object.spec{replicas: 3}`. */
export class StructValue implements ObjectValue {
  readonly celType: CelType;
  readonly name: string;
  readonly fields: ReadonlyMap<string, unknown>;

  constructor(name: string, fields: ReadonlyMap<string, unknown>) {
    this.celType = { kind: 'object', name, fields: new Map() };
    this.name = name;
    this.fields = fields;
  }

  get(field: string): unknown {
    return this.fields.get(field);
  }

  names(): readonly string[] {
    return [...this.fields.keys()];
  }
}

/** A value of a library's type. */
export interface AbstractValue {
  readonly celType: CelType;
  /** A text that equal values share. */
  readonly identity: string;
}

/** Whether a value is a struct. */
export function isObject(value: unknown): value is ObjectValue {
  return typeof value === 'object' && value !== null && 'names' in value && 'celType' in value;
}

/** Whether a value is of a library's type. */
export function isAbstract(value: unknown): value is AbstractValue {
  return typeof value === 'object' && value !== null && 'identity' in value && 'celType' in value;
}

/** An error while evaluating; its message is cel-go's. */
export class CelError extends Error {}

const CLASSES: readonly (readonly [new (...args: never[]) => object, CelType])[] = [
  [Uint, UINT],
  [Uint8Array, BYTES],
  [Timestamp, TIMESTAMP],
  [Duration, DURATION],
  [TypeValue, TYPE],
];

function objectType(value: object): CelType {
  if (Array.isArray(value)) return listOf(DYN);
  if (value instanceof Map) return mapOf(DYN, DYN);
  if (value instanceof Optional) return optionalOf(DYN);
  if ('celType' in value) return value.celType as CelType;
  return CLASSES.find(([type]) => value instanceof type)?.[1] ?? DYN;
}

/** The type of a value, as far as the value itself tells. */
export function typeOf(value: unknown): CelType {
  switch (typeof value) {
    case 'boolean':
      return BOOL;
    case 'bigint':
      return INT;
    case 'number':
      return DOUBLE;
    case 'string':
      return STRING;
    default:
      return value === null || value === undefined ? NULL : objectType(value as object);
  }
}

function numeric(value: unknown): bigint | number | undefined {
  if (value instanceof Uint) return value.value;
  return typeof value === 'bigint' || typeof value === 'number' ? value : undefined;
}

function equalLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((item, i) => celEqual(item, b[i]));
}

function equalMaps(a: ReadonlyMap<unknown, unknown>, b: ReadonlyMap<unknown, unknown>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.has(key) && celEqual(value, b.get(key)));
}

function equalObjects(a: ObjectValue, b: ObjectValue): boolean {
  const names = a.names();
  return names.length === b.names().length && names.every((name) => celEqual(a.get(name), b.get(name)));
}

/** What makes a scalar instance equal to another of its class. */
function contentOf(value: object): unknown {
  if (value instanceof Timestamp || value instanceof Duration) return value.nanos;
  if (value instanceof TypeValue) return value.name;
  if (value instanceof Uint8Array) return value.join();
  return isAbstract(value) ? value.identity : undefined;
}

function equalInstances(a: object, b: object): boolean {
  const content = contentOf(a);
  if (content !== undefined) return a.constructor === b.constructor && content === contentOf(b);
  if (a instanceof Map && b instanceof Map) return equalMaps(a, b);
  if (a instanceof Optional && b instanceof Optional) {
    return a.hasValue === b.hasValue && (!a.hasValue || celEqual(a.value, b.value));
  }
  return isObject(a) && isObject(b) && equalObjects(a, b);
}

/** `==` for any two values: different types are different, numbers compare by what they are worth. */
export function celEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  const [left, right] = [numeric(a), numeric(b)];
  // biome-ignore lint/suspicious/noDoubleEquals: compares a bigint with a number by value.
  if (left !== undefined && right !== undefined) return left == right;
  if (Array.isArray(a) && Array.isArray(b)) return equalLists(a, b);
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  return equalInstances(a, b);
}

/** The key under which a Map keeps a value: numbers that are equal share one. */
export function mapKey(value: unknown): unknown {
  if (value instanceof Uint) return value.value;
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  return value;
}
