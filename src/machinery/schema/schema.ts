/**
 * An OpenAPI v3 schema as Kubernetes writes it: the built-in kinds' own and the structural schemas of
 * CustomResourceDefinitions.
 */
export interface Schema {
  readonly type?: string;
  readonly format?: string;
  readonly $ref?: string;
  readonly properties?: { readonly [name: string]: Schema };
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly enum?: readonly unknown[];
  readonly default?: unknown;
  /** Fields whose zero value ('', 0, false) reads as absent: Go's omitempty on plain types. */
  readonly 'x-omit-zero'?: readonly string[];
  readonly nullable?: boolean;
  readonly oneOf?: readonly Schema[];
  readonly 'x-kubernetes-list-type'?: 'atomic' | 'map' | 'set';
  readonly 'x-kubernetes-list-map-keys'?: readonly string[];
  readonly 'x-kubernetes-map-type'?: 'atomic' | 'granular';
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-patch-strategy'?: string;
  readonly 'x-kubernetes-int-or-string'?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-embedded-resource'?: boolean;
}

/**
 * Where named schemas come from. `lookup` takes a name without the `#/components/schemas/` prefix.
 * `dialect` says how absence reads: 'go' (the default) for upstream's types, where null and empty lists vanish as
 * they do in Go structs with omitempty; 'structural' for custom resources, which keep what was sent.
 */
export interface SchemaSource {
  readonly lookup: (name: string) => Schema | undefined;
  readonly dialect?: 'go' | 'structural';
}

const REF = '#/components/schemas/';

/** Names of the types whose JSON form isn't what their schema says. */
export const QUANTITY = 'io.k8s.apimachinery.pkg.api.resource.Quantity';
export const TIME = 'io.k8s.apimachinery.pkg.apis.meta.v1.Time';
export const MICRO_TIME = 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime';
export const OBJECT_META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** The name that `$ref` points to. */
export function refName(schema: Schema): string | undefined {
  return schema.$ref?.startsWith(REF) ? schema.$ref.slice(REF.length) : undefined;
}

/** The schema, or what it refers to; `{}` (anything goes) for a dangling reference. */
export function resolveSchema(schema: Schema, source: SchemaSource): Schema {
  const name = refName(schema);
  return name === undefined ? schema : (source.lookup(name) ?? {});
}

/** An extension that may stand beside the `$ref` (wins) or on the type it names. */
export function extension<K extends keyof Schema>(schema: Schema, name: K, source: SchemaSource): Schema[K] {
  return schema[name] ?? resolveSchema(schema, source)[name];
}

/** Schema of one field of an object, `additionalProperties` included. */
export function fieldSchema(schema: Schema | undefined, field: string, source: SchemaSource): Schema | undefined {
  if (schema === undefined) return undefined;
  const { properties, additionalProperties } = resolveSchema(schema, source);
  if (properties !== undefined && Object.hasOwn(properties, field)) return properties[field];
  return typeof additionalProperties === 'object' ? additionalProperties : undefined;
}

/** Schema of a list's items. */
export function itemSchema(schema: Schema | undefined, source: SchemaSource): Schema | undefined {
  return schema === undefined ? undefined : resolveSchema(schema, source).items;
}
