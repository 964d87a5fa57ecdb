import { cloneJson } from '../deep.ts';
import { type ElementShape, type Field, listDecoder, mapDecoder, structDecoder } from './decode-containers.ts';
import type { Decode, DecodeContext } from './decode-context.ts';
import {
  decodeAnything,
  decodeBoolean,
  decodeBytes,
  decodeInt32,
  decodeInt64,
  decodeIntOrString,
  decodeMicroTime,
  decodeNumber,
  decodeQuantity,
  decodeString,
  decodeTime,
} from './decode-scalars.ts';
import { goType, structName } from './go-type.ts';
import { MICRO_TIME, OBJECT_META, QUANTITY, refName, type Schema, type SchemaSource, TIME } from './schema.ts';

/** What decoding gives. Without errors, `object` has the schema's shape and shares nothing with the input. */
export interface Decoded {
  readonly object: unknown;
  /** Paths of fields that the schema doesn't know; they are left out of the object. */
  readonly unknown: readonly string[];
  /** Type errors in upstream's words; a request is refused with the first. */
  readonly errors: readonly string[];
}

/** Options of `decodeWithSchema`. */
export interface DecodeOptions {
  /** Fill in the schema's own defaults (absent by default: kinds have their own rules). */
  readonly defaults?: boolean;
}

interface Compiler {
  readonly source: SchemaSource;
  readonly named: Map<string, Decode>;
}

const SPECIAL: { readonly [name: string]: Decode } = {
  [QUANTITY]: decodeQuantity,
  [TIME]: decodeTime,
  [MICRO_TIME]: decodeMicroTime,
};

const STRINGS: { readonly [format: string]: Decode } = { byte: decodeBytes };

/** Defaults that say nothing (`{}`, '', 0, false) exist only because Go has zero values. */
function meaningfulDefault(value: unknown, source: SchemaSource): unknown {
  if (source.dialect === 'structural') return value;
  return typeof value === 'object' || !value ? undefined : value;
}

function compileField(name: string, schema: Schema, owner: Schema, compiler: Compiler): Field {
  const structural = compiler.source.dialect === 'structural';
  const isContainer = schema.type === 'array' || typeof schema.additionalProperties === 'object';
  return {
    decode: compile(schema, compiler),
    default: meaningfulDefault(schema.default, compiler.source),
    dropEmpty: !structural && isContainer && name !== 'managedFields' && !(owner.required ?? []).includes(name),
    dropZero: (owner['x-omit-zero'] ?? []).includes(name),
    keepNull: structural && (schema.nullable === true || schema.default === undefined),
  };
}

/** What Go makes of null inside a list or map: the type's zero value. */
function zeroValue(schema: Schema, source: SchemaSource): unknown {
  const target = refName(schema) === undefined ? schema : (source.lookup(refName(schema) ?? '') ?? {});
  const zeros: { readonly [type: string]: unknown } = { string: '', integer: 0, number: 0, boolean: false };
  if (source.dialect === 'structural') return null;
  return target.type === 'object' ? {} : (zeros[target.type ?? ''] ?? null);
}

function elementShape(schema: Schema, items: Schema, compiler: Compiler): ElementShape {
  return {
    type: goType(schema, compiler.source),
    decode: compile(items, compiler),
    zero: zeroValue(items, compiler.source),
  };
}

function compileStruct(schema: Schema, compiler: Compiler, name = ''): Decode {
  const { properties = {} } = schema;
  const fields = Object.fromEntries(
    Object.entries(properties).map(([field, s]) => [field, compileField(field, s, schema, compiler)]),
  );
  const embedded = schema['x-kubernetes-embedded-resource'] === true ? embeddedFields(compiler) : {};
  return structDecoder({
    name: structName(name),
    type: name === '' ? 'map[string]interface {}' : goType({ $ref: `#/components/schemas/${name}` }, compiler.source),
    fields: { ...embedded, ...fields },
    keepUnknown: schema['x-kubernetes-preserve-unknown-fields'] === true,
  });
}

/** Fields that every embedded object has without its schema saying so. */
function embeddedFields(compiler: Compiler): { readonly [name: string]: Field } {
  const field = (schema: Schema) => compileField('', schema, {}, compiler);
  const metadata = { $ref: `#/components/schemas/${OBJECT_META}` };
  return { apiVersion: field({ type: 'string' }), kind: field({ type: 'string' }), metadata: field(metadata) };
}

function compileInteger(schema: Schema): Decode {
  return schema.format === 'int32' ? decodeInt32 : decodeInt64;
}

function compileObject(schema: Schema, compiler: Compiler, name?: string): Decode {
  if (typeof schema.additionalProperties === 'object') {
    return mapDecoder(elementShape(schema, schema.additionalProperties, compiler));
  }
  const open = schema.additionalProperties === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (schema.properties !== undefined) return compileStruct(schema, compiler, name);
  // A Go type without known fields (RawExtension, FieldsV1) takes any object; a structural one is pruned.
  return open || compiler.source.dialect !== 'structural' ? cloneJson : compileStruct(schema, compiler, name);
}

function compileInline(schema: Schema, compiler: Compiler, name?: string): Decode {
  if (schema['x-kubernetes-int-or-string'] || schema.format === 'int-or-string') return decodeIntOrString;
  switch (schema.type) {
    case 'string':
      return STRINGS[schema.format ?? ''] ?? decodeString;
    case 'integer':
      return compileInteger(schema);
    case 'number':
      return decodeNumber;
    case 'boolean':
      return decodeBoolean;
    case 'array':
      return listDecoder(elementShape(schema, schema.items ?? {}, compiler));
    case 'object':
      return compileObject(schema, compiler, name);
    default:
      return schema.properties === undefined ? decodeAnything : compileStruct(schema, compiler, name);
  }
}

const SCHEMA_PROPS = 'io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps';

/**
 * A schema, or something simpler in its place: the published schemas say nothing of these types, because OpenAPI can't
 * describe them.
 */
function compileSchemaUnion(name: string, compiler: Compiler): Decode | undefined {
  if (!name.startsWith(`${SCHEMA_PROPS}Or`)) return undefined;
  const schema = lazily(SCHEMA_PROPS, compiler);
  const list = listDecoder({ type: '[]v1.JSONSchemaProps', decode: schema, zero: {} });
  const others: { readonly [name: string]: (value: unknown) => Decode | undefined } = {
    [`${SCHEMA_PROPS}OrBool`]: (value) => (typeof value === 'boolean' ? decodeBoolean : undefined),
    [`${SCHEMA_PROPS}OrArray`]: (value) => (Array.isArray(value) ? list : undefined),
    [`${SCHEMA_PROPS}OrStringArray`]: (value) => (Array.isArray(value) ? cloneJson : undefined),
  };
  return (value, context) => (others[name]?.(value) ?? schema)(value, context);
}

/** Compiled at the first use, so that recursive types end and unused ones cost nothing. */
function lazily(name: string, compiler: Compiler): Decode {
  return (value, context) => namedDecoder(name, compiler)(value, context);
}

function compile(schema: Schema, compiler: Compiler): Decode {
  const name = refName(schema);
  if (name === undefined) return compileInline(schema, compiler);
  return SPECIAL[name] ?? compileSchemaUnion(name, compiler) ?? lazily(name, compiler);
}

function namedDecoder(name: string, compiler: Compiler): Decode {
  const known = compiler.named.get(name);
  if (known !== undefined) return known;
  const decode = SPECIAL[name] ?? compileInline(compiler.source.lookup(name) ?? {}, compiler, name);
  compiler.named.set(name, decode);
  return decode;
}

const compilers = new WeakMap<SchemaSource, Compiler>();

function compilerOf(source: SchemaSource): Compiler {
  const known = compilers.get(source);
  if (known !== undefined) return known;
  const compiler = { source, named: new Map<string, Decode>() };
  compilers.set(source, compiler);
  return compiler;
}

/**
 * Reads a JSON value as the named type, as kube-apiserver's decoder does: unknown fields are left out and reported,
 * nulls are dropped, quantities and times take their canonical form, wrong types are errors. `required` and `enum`
 * are not looked at: validation has better sentences. Keep one `source` object: compiled types are cached by it.
 */
export function decodeWithSchema(
  value: unknown,
  schemaName: string,
  source: SchemaSource,
  options: DecodeOptions = {},
): Decoded {
  const context: DecodeContext = {
    segments: [],
    fields: [],
    struct: '',
    unknown: [],
    errors: [],
    defaults: options.defaults ?? false,
  };
  const object = namedDecoder(schemaName, compilerOf(source))(value, context);
  return { object, unknown: context.unknown, errors: context.errors };
}
