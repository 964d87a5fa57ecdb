import { canonicalJson } from '../deep.ts';
import { goQuote } from '../go-format.ts';
import { extension, fieldSchema, resolveSchema, type Schema, type SchemaSource } from '../schema/schema.ts';

/** An object with free fields. */
export type Fields = { readonly [name: string]: unknown };

/** A place in the schema; undefined where nothing is known and the value alone decides. */
export interface TypeRef {
  readonly schema: Schema | undefined;
  readonly source: SchemaSource;
}

/** How apply sees a value: one piece (scalar or atomic), a list of items with identities, or an object. */
export type Shape = 'leaf' | 'list' | 'map';

/** Whether a value is an object (not a list, not null). */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** How the value is merged at this place. Lists are atomic unless the schema says otherwise. */
export function shapeOf(value: unknown, { schema, source }: TypeRef): Shape {
  if (isFields(value)) {
    return schema !== undefined && extension(schema, 'x-kubernetes-map-type', source) === 'atomic' ? 'leaf' : 'map';
  }
  if (!Array.isArray(value) || schema === undefined) return 'leaf';
  const listType = extension(schema, 'x-kubernetes-list-type', source);
  return listType === 'map' || listType === 'set' ? 'list' : 'leaf';
}

/** The place of a field. */
export function fieldType({ schema, source }: TypeRef, name: string): TypeRef {
  return { schema: fieldSchema(schema, name, source), source };
}

/** The place of a list's items. */
export function itemType({ schema, source }: TypeRef): TypeRef {
  return { schema: schema === undefined ? undefined : resolveSchema(schema, source).items, source };
}

/** Whether the schema declares the field by name (a struct's field, not a key of a free map). */
export function isDeclared({ schema, source }: TypeRef, name: string): boolean {
  const properties = schema === undefined ? undefined : resolveSchema(schema, source).properties;
  return properties !== undefined && Object.hasOwn(properties, name);
}

/** A list that cannot be keyed; becomes a 400. */
export class TypedValueError extends Error {}

function keyElement(item: unknown, keys: readonly string[], type: TypeRef): string {
  if (!isFields(item)) throw new TypedValueError('associative list with keys may not have non-map elements');
  const found: Record<string, unknown> = {};
  for (const name of keys) {
    const fallback = fieldType(itemType(type), name).schema?.default;
    const value = item[name] ?? fallback;
    if (value !== undefined) found[name] = value;
  }
  if (Object.keys(found).length > 0) return `k:${canonicalJson(found)}`;
  const names = keys.map(goQuote).join(' ');
  throw new TypedValueError(
    `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
  );
}

/** The path element that tells a list's item apart. */
export function itemElement(item: unknown, type: TypeRef): string {
  const keys =
    type.schema === undefined ? undefined : extension(type.schema, 'x-kubernetes-list-map-keys', type.source);
  const listType =
    type.schema === undefined ? undefined : extension(type.schema, 'x-kubernetes-list-type', type.source);
  if (listType === 'map') return keyElement(item, keys ?? [], type);
  if (typeof item === 'object')
    throw new TypedValueError("associative list without keys has an element that's a map type");
  return `v:${canonicalJson(item)}`;
}

/** Whether a container has nothing in it (absent counts as empty). */
export function isEmptyContainer(value: unknown): boolean {
  if (value === undefined) return true;
  return Array.isArray(value) ? value.length === 0 : isFields(value) && Object.keys(value).length === 0;
}

/**
 * What an absent field reads as in upstream's types: structs that are no pointers (`spec`, `template`, `resources`)
 * and lists without omitempty (`containers`) are always there, so nobody comes to own them by setting something
 * inside. Undefined for all other fields.
 */
export function zeroValue({ schema, source }: TypeRef, name: string): unknown {
  if (schema === undefined || source.dialect === 'structural') return undefined;
  const { properties = {}, required = [] } = resolveSchema(schema, source);
  const field = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (field?.type === 'array') return required.includes(name) ? [] : undefined;
  const isStruct = isFields(field?.default) && Object.keys(field.default).length === 0;
  return isStruct ? {} : undefined;
}

/** Names of the fields that have a `zeroValue`. */
export function zeroFields(type: TypeRef): readonly string[] {
  const properties = type.schema === undefined ? undefined : resolveSchema(type.schema, type.source).properties;
  return Object.keys(properties ?? {}).filter((name) => zeroValue(type, name) !== undefined);
}
