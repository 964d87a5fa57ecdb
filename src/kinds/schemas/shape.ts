import type { Schema } from './schema.ts';

// Words for writing schemas by hand, in the same form as the generated ones.

type Properties = { readonly [name: string]: Schema };

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';

/** Plain types. */
export const text: Schema = { type: 'string' };
/** Base64 of bytes. */
export const bytes: Schema = { type: 'string', format: 'byte' };
/** True or false. */
export const flag: Schema = { type: 'boolean' };
/** A 32-bit whole number. */
export const int32: Schema = { type: 'integer', format: 'int32' };
/** A 64-bit whole number. */
export const int64: Schema = { type: 'integer', format: 'int64' };

/** Another schema by its name. */
export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` };
}

/** Another schema, there even when nobody says so. */
export function refWithDefault(name: string): Schema {
  return { ...ref(name), default: {} };
}

/** A point in time. */
export const time: Schema = ref(`${META}.Time`);
/** A number or a name. */
export const intOrString: Schema = ref('io.k8s.apimachinery.pkg.util.intstr.IntOrString');

/** A list that is replaced as a whole. */
export function atomicList(items: Schema): Schema {
  return { type: 'array', items, 'x-kubernetes-list-type': 'atomic' };
}

/** A list whose items are told apart, and merged, by these fields. The first one is the patch merge key. */
export function mapList(items: Schema, ...keys: readonly string[]): Schema {
  const [first = ''] = keys;
  return {
    type: 'array',
    items,
    'x-kubernetes-list-type': 'map',
    'x-kubernetes-list-map-keys': keys,
    'x-kubernetes-patch-merge-key': first,
    'x-kubernetes-patch-strategy': 'merge',
  };
}

/** An object. */
export function object(properties: Properties, required: readonly string[] = []): Schema {
  return { type: 'object', properties, ...(required.length > 0 ? { required } : {}) };
}

/** A kind with its list: `name` is the schema's, fields beside the type and metadata are `properties`. */
export function kindSchemas(
  name: string,
  gvk: { readonly group: string; readonly version: string; readonly kind: string },
  { properties, required = [] }: Schema,
): { readonly [name: string]: Schema } {
  const type = { apiVersion: text, kind: text };
  const list = { ...gvk, kind: `${gvk.kind}List` };
  const items: Schema = { type: 'array', items: refWithDefault(name) };
  return {
    [name]: {
      ...object({ ...type, metadata: refWithDefault(`${META}.ObjectMeta`), ...properties }, required),
      'x-kubernetes-group-version-kind': [gvk],
    },
    [`${name}List`]: {
      ...object({ ...type, items, metadata: refWithDefault(`${META}.ListMeta`) }, ['items']),
      'x-kubernetes-group-version-kind': [list],
    },
  };
}
