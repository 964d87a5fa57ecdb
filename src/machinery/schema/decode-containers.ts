import { cloneJson, define } from '../deep.ts';
import { type Decode, type DecodeContext, describeJson, printPath, typeMismatch } from './decode-context.ts';

/** One known field of a struct, compiled. */
export interface Field {
  readonly decode: Decode;
  readonly default: unknown;
  /** Present and empty reads as absent: Go's omitempty on lists and maps. */
  readonly dropEmpty: boolean;
  /** A zero value reads as absent: Go's omitempty on strings, numbers and booleans. */
  readonly dropZero: boolean;
  readonly keepNull: boolean;
}

/** A struct: an object with known fields. */
export interface StructShape {
  /** The struct's and the type's name in Go's messages. */
  readonly name: string;
  readonly type: string;
  readonly fields: { readonly [name: string]: Field };
  readonly keepUnknown: boolean;
}

/** Values of a map or items of a list. */
export interface ElementShape {
  readonly type: string;
  readonly decode: Decode;
  /** What null stands for. */
  readonly zero: unknown;
}

function isFields(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  for (const _ in value as object) return false;
  return true;
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false;
}

function decodeField(name: string, value: unknown, field: Field, context: DecodeContext): unknown {
  if (value === null || value === undefined) return field.keepNull && value === null ? null : undefined;
  context.segments.push(name);
  context.fields.push(name);
  const decoded = field.decode(value, context);
  context.segments.pop();
  context.fields.pop();
  if (field.dropZero && isZero(decoded)) return undefined;
  return field.dropEmpty && decoded !== undefined && isEmpty(decoded) ? undefined : decoded;
}

function reportUnknown(name: string, context: DecodeContext): void {
  context.segments.push(name);
  context.unknown.push(printPath(context.segments));
  context.segments.pop();
}

function fillDefaults(target: Record<string, unknown>, defaults: readonly (readonly [string, Field])[]): void {
  for (const [name, field] of defaults) {
    if (target[name] === undefined) target[name] = cloneJson(field.default);
  }
}

function decodeFields(value: { readonly [name: string]: unknown }, shape: CompiledStruct, context: DecodeContext) {
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const field = shape.fields.get(name);
    if (field !== undefined) {
      const decoded = decodeField(name, value[name], field, context);
      if (decoded !== undefined) result[name] = decoded;
    } else if (shape.keepUnknown) define(result, name, cloneJson(value[name]));
    else if (value[name] !== undefined) reportUnknown(name, context);
  }
  if (context.defaults) fillDefaults(result, shape.defaults);
  return result;
}

interface CompiledStruct {
  readonly fields: ReadonlyMap<string, Field>;
  readonly defaults: readonly (readonly [string, Field])[];
  readonly keepUnknown: boolean;
}

/** Decodes a struct: known fields only, unless unknown ones are kept. */
export function structDecoder({ name, type, fields, keepUnknown }: StructShape): Decode {
  const defaults = Object.entries(fields).filter(([, field]) => field.default !== undefined);
  const compiled = { fields: new Map(Object.entries(fields)), defaults, keepUnknown };
  return (value, context) => {
    if (!isFields(value)) return typeMismatch(context, describeJson(value), type);
    const outer = context.struct;
    context.struct = name;
    const result = decodeFields(value, compiled, context);
    context.struct = outer;
    return result;
  };
}

/** Decodes a map with free keys. */
export function mapDecoder({ type, decode, zero }: ElementShape): Decode {
  return (value, context) => {
    if (!isFields(value)) return typeMismatch(context, describeJson(value), type);
    const result: Record<string, unknown> = {};
    for (const key of Object.keys(value)) {
      context.segments.push(key);
      const decoded = value[key] === null ? zero : decode(value[key], context);
      context.segments.pop();
      if (decoded !== undefined) define(result, key, decoded);
    }
    return result;
  };
}

/** Decodes a list. */
export function listDecoder({ type, decode, zero }: ElementShape): Decode {
  return (value, context) => {
    if (!Array.isArray(value)) return typeMismatch(context, describeJson(value), type);
    const result: unknown[] = [];
    for (let i = 0; i < value.length; i++) {
      context.segments.push(i);
      result.push(value[i] === null ? zero : decode(value[i], context));
      context.segments.pop();
    }
    return result;
  };
}
