import { canonicalJson } from '../deep.ts';
import type { FieldError } from '../field-error.ts';
import { child, duplicate, index, invalidValue, key } from '../field-path.ts';
import { type Fields, isFields, own, type StructuralSchema, valueSchema } from './schema.ts';

/** Positions at which something stands for the second time. */
function secondTimes(values: readonly unknown[]): readonly number[] {
  const times = new Map<string, number>();
  return values.flatMap((value, position) => {
    const text = canonicalJson(value);
    const count = (times.get(text) ?? 0) + 1;
    times.set(text, count);
    return count === 2 ? [position] : [];
  });
}

function keysOf(item: unknown, names: readonly string[]): Fields {
  if (!isFields(item)) return {};
  return Object.fromEntries(names.filter((name) => Object.hasOwn(item, name)).map((name) => [name, item[name]]));
}

function validateMap(list: readonly unknown[], schema: StructuralSchema, path: string): readonly FieldError[] {
  const stray = list.findIndex((item) => item !== null && !isFields(item));
  if (stray >= 0) {
    return [invalidValue(index(path, stray), list[stray], 'must be an object for an array of list-type map')];
  }
  const keys = list.map((item) => keysOf(item, schema['x-kubernetes-list-map-keys'] ?? []));
  return secondTimes(keys).map((position) => duplicate(index(path, position), keys[position]));
}

function validateList(list: readonly unknown[], schema: StructuralSchema, path: string): readonly FieldError[] {
  const type = schema['x-kubernetes-list-type'];
  const { items } = schema;
  const found =
    type === 'map'
      ? validateMap(list, schema, path)
      : type === 'set'
        ? secondTimes(list).map((position) => duplicate(index(path, position), list[position]))
        : [];
  if (items === undefined) return found;
  return [...found, ...list.flatMap((item, position) => validateListTypes(item, items, index(path, position)))];
}

/** `ValidateListSetsAndMaps`: nothing stands twice in a set, no key twice in a map. */
export function validateListTypes(value: unknown, schema: StructuralSchema, path = ''): readonly FieldError[] {
  if (Array.isArray(value)) return validateList(value, schema, path);
  if (!isFields(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const property = own(schema.properties, name);
    const place = property ?? valueSchema(schema);
    if (place === undefined) return [];
    return validateListTypes(member, place, property === undefined ? key(path, name) : child(path, name));
  });
}
