import type { KubernetesObject } from '../../machinery/object.ts';
import { decodeWithSchema } from '../../machinery/schema/decode.ts';
import { OBJECT_META, type SchemaSource } from '../../machinery/schema/schema.ts';
import { defaultStructural } from '../../machinery/structural/default-structural.ts';
import { pruneStructural } from '../../machinery/structural/prune.ts';
import { type Fields, own, type StructuralSchema } from '../../machinery/structural/schema.ts';
import type { CustomSchema, CustomStorage } from '../definition.ts';
import { findSchema } from '../schema.ts';
import { type PublishedKind, publishedSchemas } from './published-schema.ts';

const HOUSE: SchemaSource = { lookup: findSchema };
/** Metadata has one type for all kinds: it is read as that of built-in objects. */
function decodeMetadata(value: unknown) {
  return decodeWithSchema(value ?? {}, OBJECT_META, HOUSE);
}

/** A stored object, pruned and defaulted by a schema that may be younger than it. */
function refine(object: KubernetesObject, schema: StructuralSchema): KubernetesObject {
  const { value, unknown } = pruneStructural(object, schema, { root: true });
  return defaultStructural(unknown.length === 0 ? object : (value as KubernetesObject), schema);
}

/** The schema of a custom kind, in all the ways in which it is used. */
export function customSchema(
  schema: StructuralSchema,
  kind: PublishedKind,
  storage: Omit<CustomStorage, 'refine'>,
): CustomSchema {
  const schemas = publishedSchemas(schema, kind);
  return {
    schemas,
    storage: { ...storage, refine: (object) => refine(object, schema) },
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
