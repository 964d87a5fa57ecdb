import { isFields, own, type StructuralSchema } from '../structural/schema.ts';
import { parseGoDuration, parseTimestamp } from './library/conversions.ts';
import { BOOL, BYTES, type CelType, DOUBLE, DURATION, DYN, INT, listOf, mapOf, STRING, TIMESTAMP } from './types.ts';
import { CelError, Duration, type ObjectValue } from './values.ts';

const KEYWORDS = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);
const ESCAPES: { readonly [text: string]: string } = {
  __: '__underscores__',
  '.': '__dot__',
  '-': '__dash__',
  '/': '__slash__',
};

/** A field's name in expressions; undefined where it can't have one. */
export function escapeName(name: string): string | undefined {
  if (KEYWORDS.has(name)) return `__${name}__`;
  const escaped = name.replace(/__|[./-]/g, (text) => ESCAPES[text] ?? text);
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(escaped) ? escaped : undefined;
}

const TEXT: StructuralSchema = { type: 'string' };
const META: StructuralSchema = { type: 'object', properties: { name: TEXT, generateName: TEXT } };

/** The schema of a whole resource: what everyone knows of its type and name is added. */
export function resourceSchema(schema: StructuralSchema): StructuralSchema {
  const properties = { ...schema.properties, apiVersion: TEXT, kind: TEXT, metadata: META };
  return { ...schema, properties };
}

const FORMATS: { readonly [format: string]: CelType } = {
  byte: BYTES,
  duration: DURATION,
  date: TIMESTAMP,
  'date-time': TIMESTAMP,
};

function objectType(schema: StructuralSchema): CelType | undefined {
  const { properties, additionalProperties: values } = schema;
  if (typeof values === 'object') {
    const value = schemaType(values);
    return value && mapOf(STRING, value);
  }
  const fields = new Map<string, CelType>();
  for (const [name, property] of Object.entries(properties ?? {})) {
    const type = schemaType(property);
    const escaped = escapeName(name);
    if (type !== undefined && escaped !== undefined) fields.set(escaped, type);
  }
  return { kind: 'object', name: 'object', fields };
}

const types = new WeakMap<StructuralSchema, { readonly type: CelType | undefined }>();

/** The type of what a schema describes; undefined where expressions may not see it. */
export function schemaType(schema: StructuralSchema): CelType | undefined {
  const known = types.get(schema);
  if (known !== undefined) return known.type;
  const type = computeType(effective(schema));
  types.set(schema, { type });
  return type;
}

/** Embedded resources have the fields of all resources. */
function effective(schema: StructuralSchema): StructuralSchema {
  return schema['x-kubernetes-embedded-resource'] === true ? resourceSchema(schema) : schema;
}

function computeType(schema: StructuralSchema): CelType | undefined {
  if (schema['x-kubernetes-int-or-string'] === true) return DYN;
  switch (schema.type) {
    case 'boolean':
      return BOOL;
    case 'integer':
      return INT;
    case 'number':
      return DOUBLE;
    case 'string':
      return FORMATS[schema.format ?? ''] ?? STRING;
    case 'array': {
      const item = schema.items && schemaType(schema.items);
      return item && listOf(item);
    }
    case 'object':
      return objectType(schema);
    default:
      return undefined;
  }
}

class SchemaObject implements ObjectValue {
  readonly celType: CelType;
  readonly fields: { readonly [name: string]: unknown };
  readonly schema: StructuralSchema;
  readonly read = new Map<string, unknown>();

  constructor(fields: { readonly [name: string]: unknown }, schema: StructuralSchema) {
    this.fields = fields;
    this.schema = schema;
    this.celType = schemaType(schema) ?? DYN;
  }

  names(): readonly string[] {
    return Object.keys(this.fields).flatMap((name) => {
      const property = own(this.schema.properties, name);
      const escaped = escapeName(name);
      return property === undefined || escaped === undefined || schemaType(property) === undefined ? [] : [escaped];
    });
  }

  get(field: string): unknown {
    if (!this.read.has(field)) this.read.set(field, this.#find(field));
    return this.read.get(field);
  }

  #find(field: string): unknown {
    const name = Object.keys(this.fields).find((each) => escapeName(each) === field);
    const property = name === undefined ? undefined : own(this.schema.properties, name);
    if (name === undefined || property === undefined || schemaType(property) === undefined) return undefined;
    return schemaValue(this.fields[name], property);
  }
}

function bytesOf(text: string): Uint8Array {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const bits = [...text.replace(/=+$/, '')].map((c) => alphabet.indexOf(c).toString(2).padStart(6, '0')).join('');
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

function durationOf(text: string): Duration {
  const nanos = parseGoDuration(text);
  if (nanos === undefined) throw new CelError(`Invalid duration ${text}`);
  return new Duration(nanos);
}

function textValue(text: string, format = ''): unknown {
  if (format === 'byte') return bytesOf(text);
  if (format === 'duration') return durationOf(text);
  if (format === 'date') return parseTimestamp(`${text}T00:00:00Z`);
  return format === 'date-time' ? parseTimestamp(text) : text;
}

/** A JSON value where nothing is known of its type. */
export function plainValue(value: unknown): unknown {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map(plainValue);
  if (!isFields(value)) return value;
  return new Map(Object.entries(value).map(([name, member]) => [name, plainValue(member)]));
}

function objectValue(value: { readonly [name: string]: unknown }, schema: StructuralSchema): unknown {
  const { additionalProperties: values } = schema;
  if (typeof values !== 'object') return new SchemaObject(value, schema);
  return new Map(Object.entries(value).map(([name, member]) => [name, schemaValue(member, values)]));
}

/** A JSON value as expressions see it: numbers by their types, objects by the names of their fields. */
export function schemaValue(value: unknown, schema: StructuralSchema): unknown {
  if (value === null || value === undefined) return null;
  if (schema['x-kubernetes-int-or-string'] === true) return plainValue(value);
  if (typeof value === 'number') return schema.type === 'integer' && Number.isInteger(value) ? BigInt(value) : value;
  if (typeof value === 'string') return schema.type === 'string' ? textValue(value, schema.format) : value;
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? [] : value.map((item) => schemaValue(item, items));
  }
  return isFields(value) ? objectValue(value, effective(schema)) : value;
}
