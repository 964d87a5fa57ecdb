import { cloneJson, define } from '../deep.ts';
import { printPath } from '../schema/decode-context.ts';
import { type Fields, isFields, META_FIELDS, own, type StructuralSchema, valueSchema } from './schema.ts';

/** A value with only what its schema knows. */
export interface Pruned {
  readonly value: unknown;
  /** Paths of what was left out, sorted. */
  readonly unknown: readonly string[];
}

type Place = StructuralSchema | undefined;

class Pruner {
  readonly path: (string | number)[] = [];
  readonly unknown: string[] = [];

  prune(value: unknown, schema: Place): unknown {
    if (schema?.['x-kubernetes-preserve-unknown-fields'] === true) return this.keep(value, schema);
    if (Array.isArray(value)) return this.each(value, (item) => this.prune(item, schema?.items));
    return isFields(value) ? this.fields(value, schema) : value;
  }

  each(list: readonly unknown[], visit: (item: unknown) => unknown): unknown[] {
    return list.map((item, index) => this.at(index, () => visit(item)));
  }

  at<T>(step: string | number, visit: () => T): T {
    this.path.push(step);
    const result = visit();
    this.path.pop();
    return result;
  }

  fields(value: Fields, schema: Place): Fields {
    const result: Record<string, unknown> = {};
    for (const name of Object.keys(value)) {
      const kept = this.isMeta(schema, name) ? cloneJson(value[name]) : this.member(name, value[name], schema);
      if (kept !== undefined) define(result, name, kept);
    }
    return result;
  }

  isMeta(schema: Place, name: string): boolean {
    return schema?.['x-kubernetes-embedded-resource'] === true && META_FIELDS.has(name);
  }

  /** Undefined for a field that the schema doesn't know. */
  member(name: string, value: unknown, schema: Place): unknown {
    const property = own(schema?.properties, name);
    if (property !== undefined) return this.at(name, () => this.prune(value, property));
    if (schema?.additionalProperties !== undefined) {
      return this.at(name, () => this.prune(value, valueSchema(schema)));
    }
    this.at(name, () => this.unknown.push(printPath(this.path)));
    return undefined;
  }

  /** Unknown fields stay; known ones below them are pruned by their own schemas. */
  keep(value: unknown, schema: StructuralSchema): unknown {
    if (Array.isArray(value)) {
      const { items } = schema;
      return this.each(value, (item) => (items === undefined ? cloneJson(item) : this.keep(item, items)));
    }
    if (!isFields(value)) return value;
    const result: Record<string, unknown> = {};
    for (const name of Object.keys(value)) define(result, name, this.keepMember(name, value[name], schema));
    return result;
  }

  keepMember(name: string, value: unknown, schema: StructuralSchema): unknown {
    const property = own(schema.properties, name);
    const known = property !== undefined || schema.additionalProperties !== undefined;
    if (!known || this.isMeta(schema, name)) return cloneJson(value);
    return this.at(name, () => this.prune(value, property ?? valueSchema(schema)));
  }
}

/**
 * Leaves out the fields that a structural schema doesn't know. `root` says that the value is a whole resource, whose
 * type and metadata are known anyway. Nothing is shared with the argument.
 */
export function pruneStructural(value: unknown, schema: StructuralSchema, options: { readonly root: boolean }): Pruned {
  const pruner = new Pruner();
  const place = options.root ? { ...schema, 'x-kubernetes-embedded-resource': true } : schema;
  const pruned = pruner.prune(value, place);
  return { value: pruned, unknown: pruner.unknown.sort() };
}
