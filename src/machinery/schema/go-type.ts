import { QUANTITY, refName, resolveSchema, type Schema, type SchemaSource } from './schema.ts';

/** `Container` of `io.k8s.api.core.v1.Container`: the struct's name in Go's messages. */
export function structName(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1);
}

/** `v1.Container`: package and type as Go prints them. */
function qualifiedName(name: string): string {
  return name.split('.').slice(-2).join('.');
}

const SCALARS: { readonly [type: string]: string } = { string: 'string', boolean: 'bool', number: 'float64' };

/** The Go type that upstream's message names for a field. Named string types read as `string`. */
export function goType(schema: Schema, source: SchemaSource): string {
  const name = refName(schema);
  if (name === QUANTITY) return 'resource.Quantity';
  if (name !== undefined) return qualifiedName(name);
  if (schema.type === 'array') return `[]${goType(schema.items ?? {}, source)}`;
  if (typeof schema.additionalProperties === 'object') {
    return `map[string]${goType(schema.additionalProperties, source)}`;
  }
  if (schema.type === 'integer') return schema.format === 'int32' ? 'int32' : 'int64';
  return SCALARS[resolveSchema(schema, source).type ?? ''] ?? 'map[string]interface {}';
}
