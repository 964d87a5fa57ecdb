import { extension, fieldSchema, itemSchema, type Schema, type SchemaSource } from '../schema/schema.ts';

/** How strategic merge treats one field. */
export interface PatchMeta {
  /** Merge a list by key or by value, replace an object: `merge`, `replace` or neither. */
  readonly strategy: 'merge' | 'replace' | '';
  readonly retainKeys: boolean;
  /** The field that tells the items of a list apart. */
  readonly mergeKey: string;
}

/** A place in the schema while a patch is walked; the schema is undefined where nothing is known. */
export interface PatchSchema {
  readonly schema: Schema | undefined;
  readonly source: SchemaSource;
}

/** The place of a field. */
export function descend(place: PatchSchema, field: string): PatchSchema {
  return { ...place, schema: fieldSchema(place.schema, field, place.source) };
}

/** The place of a list's items. */
export function descendItems(place: PatchSchema): PatchSchema {
  return { ...place, schema: itemSchema(place.schema, place.source) };
}

/** What the schema says of the field at this place. */
export function patchMeta({ schema, source }: PatchSchema): PatchMeta {
  const read = (name: 'x-kubernetes-patch-strategy' | 'x-kubernetes-patch-merge-key') =>
    schema === undefined ? '' : (extension(schema, name, source) ?? '');
  const strategies = read('x-kubernetes-patch-strategy').split(',');
  const strategy = strategies.includes('merge') ? 'merge' : strategies.includes('replace') ? 'replace' : '';
  return {
    strategy,
    retainKeys: strategies.includes('retainKeys'),
    mergeKey: read('x-kubernetes-patch-merge-key'),
  };
}
