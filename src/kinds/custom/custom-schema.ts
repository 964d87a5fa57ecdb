import { decodeWithSchema } from '../../machinery/schema/decode.ts';
import { OBJECT_META, type SchemaSource } from '../../machinery/schema/schema.ts';
import { pruneStructural } from '../../machinery/structural/prune.ts';
import { type Fields, own, type StructuralSchema } from '../../machinery/structural/schema.ts';
import type { CustomSchema } from '../definition.ts';
import { findSchema } from '../schema.ts';
import { type PublishedKind, publishedSchemas } from './published-schema.ts';

const HOUSE: SchemaSource = { lookup: findSchema };
/** Metadata has one type for all kinds: it is read as that of built-in objects. */
function decodeMetadata(value: unknown) {
  return decodeWithSchema(value ?? {}, OBJECT_META, HOUSE);
}

/** The schema of a custom kind, in all the ways in which it is used. */
export function customSchema(schema: StructuralSchema, kind: PublishedKind): CustomSchema {
  const schemas = publishedSchemas(schema, kind);
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
