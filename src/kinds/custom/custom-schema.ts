import type { GroupVersionKind } from '../../machinery/object.ts';
import { decodeWithSchema } from '../../machinery/schema/decode.ts';
import { OBJECT_META, type SchemaSource } from '../../machinery/schema/schema.ts';
import { pruneStructural } from '../../machinery/structural/prune.ts';
import { type Fields, own, type StructuralSchema } from '../../machinery/structural/schema.ts';
import type { CustomSchema } from '../definition.ts';
import { findSchema } from '../schema.ts';

const HOUSE: SchemaSource = { lookup: findSchema };
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1';
const ref = (name: string): { readonly $ref: string } => ({ $ref: `#/components/schemas/${name}` });
const TYPE = { apiVersion: { type: 'string' }, kind: { type: 'string' } } as const;

/** Key of a custom type in the published schemas: the group backwards, then version and kind. */
export function customSchemaName({ group, version, kind }: GroupVersionKind): string {
  return [...group.split('.').reverse(), version, kind].join('.');
}

function published(schema: StructuralSchema, gvk: GroupVersionKind, listKind: string): CustomSchema['schemas'] {
  const name = customSchemaName(gvk);
  const metadata = ref(OBJECT_META);
  const items = { type: 'array', items: ref(name) };
  return {
    [name]: {
      ...schema,
      properties: { ...TYPE, metadata, ...withoutMeta(schema.properties) },
      'x-kubernetes-group-version-kind': [gvk],
    },
    [`${name}List`]: {
      type: 'object',
      required: ['items'],
      properties: { ...TYPE, items, metadata: ref(`${META}.ListMeta`) },
      'x-kubernetes-group-version-kind': [{ ...gvk, kind: listKind }],
    },
  };
}

function withoutMeta(properties: StructuralSchema['properties'] = {}): StructuralSchema['properties'] {
  const { apiVersion: _, kind: __, metadata: ___, ...rest } = properties;
  return rest;
}

/** Metadata has one type for all kinds: it is read as that of built-in objects. */
function decodeMetadata(value: unknown) {
  return decodeWithSchema(value ?? {}, OBJECT_META, HOUSE);
}

/** The schema of a custom kind, in all the ways in which it is used. */
export function customSchema(schema: StructuralSchema, gvk: GroupVersionKind, listKind: string): CustomSchema {
  const schemas = published(schema, gvk, listKind);
  return {
    schemas,
    source: { lookup: (name) => own(schemas, name) ?? findSchema(name), dialect: 'structural' },
    decode: (body) => {
      const { value, unknown } = pruneStructural(body, schema, { root: true });
      const metadata = decodeMetadata((value as Fields)['metadata']);
      return {
        object: { ...(value as Fields), metadata: metadata.object },
        unknown: [...metadata.unknown.map((path) => `metadata.${path}`), ...unknown].sort(),
        errors: metadata.errors,
      };
    },
  };
}
