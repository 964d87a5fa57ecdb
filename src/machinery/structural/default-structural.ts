import { cloneJson, define } from '../deep.ts';
import { type Fields, isFields, memberSchema, own, type StructuralSchema, valueSchema } from './schema.ts';

function isForbiddenNull(value: unknown, schema: StructuralSchema | undefined): boolean {
  return value === null && schema !== undefined && schema.nullable !== true;
}

/** The value, or its default where it is absent or a null that may not be. Undefined: it has to go. */
function present(value: unknown, schema: StructuralSchema | undefined): unknown {
  if (value !== undefined && !isForbiddenNull(value, schema)) return value;
  return schema?.default === undefined ? undefined : cloneJson(schema.default);
}

function fillFields(value: Fields, schema: StructuralSchema): Fields {
  let copy: Record<string, unknown> | undefined;
  const change = (name: string, after: unknown): void => {
    copy ??= { ...value };
    if (after === undefined) delete copy[name];
    else define(copy, name, after);
  };
  for (const name of Object.keys(schema.properties ?? {})) {
    if (!Object.hasOwn(value, name)) {
      const fallback = fill(undefined, own(schema.properties, name));
      if (fallback !== undefined) change(name, fallback);
    }
  }
  for (const name of Object.keys(value)) {
    const after = fill(value[name], memberSchema(schema, name));
    if (after !== value[name]) change(name, after);
  }
  return copy ?? value;
}

function fillItems(list: readonly unknown[], items: StructuralSchema): readonly unknown[] {
  // A list can't lose an item: a null without a default stays, and validation says what is wrong with it.
  const filled = list.map((item) => fill(item, items) ?? item);
  return filled.every((item, index) => item === list[index]) ? list : filled;
}

function fill(given: unknown, schema: StructuralSchema | undefined): unknown {
  const value = present(given, schema);
  if (schema === undefined) return value;
  if (Array.isArray(value)) return schema.items === undefined ? value : fillItems(value, schema.items);
  const known = schema.properties !== undefined || valueSchema(schema) !== undefined;
  return isFields(value) && known ? fillFields(value, schema) : value;
}

/**
 * The value with the schema's defaults filled in, and without nulls that may not be. Idempotent; parts that don't
 * change are shared with the argument.
 */
export function defaultStructural<T>(value: T, schema: StructuralSchema): T {
  return (isFields(value) ? fillFields(value, schema) : fill(value, schema)) as T;
}
