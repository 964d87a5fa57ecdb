import { define } from '../deep.ts';
import { type FieldSet, isEmptySet } from './field-set.ts';
import {
  type Fields,
  fieldType,
  isDeclared,
  isFields,
  itemElement,
  itemType,
  shapeOf,
  type TypeRef,
} from './typed-value.ts';

function removeFields(value: Fields, set: FieldSet, type: TypeRef): unknown {
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const element = `f:${name}`;
    if (set.members.has(element)) continue;
    const below = set.children.get(element);
    const kept = below === undefined ? value[name] : removeItems(value[name], below, fieldType(type, name));
    if (kept !== undefined) define(result, name, kept);
  }
  return Object.keys(result).length === 0 ? undefined : result;
}

function removeFromList(items: readonly unknown[], set: FieldSet, type: TypeRef): unknown {
  const result = items.flatMap((item) => {
    const element = itemElement(item, type);
    if (set.members.has(element)) return [];
    const below = set.children.get(element);
    return [below === undefined ? item : removeItems(item, below, itemType(type))];
  });
  return result.length === 0 ? undefined : result;
}

/** The value without the paths of a set; undefined when nothing is left of it. */
export function removeItems(value: unknown, set: FieldSet, type: TypeRef): unknown {
  if (isEmptySet(set)) return value;
  const shape = shapeOf(value, type);
  if (shape === 'leaf') return Array.isArray(value) || isFields(value) ? undefined : value;
  return Array.isArray(value) ? removeFromList(value, set, type) : removeFields(value as Fields, set, type);
}

function elementType(element: string, type: TypeRef): TypeRef {
  return element.startsWith('f:') ? fieldType(type, element.slice(2)) : itemType(type);
}

/** The set with every declared field on the way to a path in it, too: so that emptied structs go as a whole. */
export function withNamedFields(set: FieldSet, type: TypeRef): FieldSet {
  const members = new Set(set.members);
  const children = new Map<string, FieldSet>();
  for (const [element, below] of set.children) {
    if (element.startsWith('f:') && isDeclared(type, element.slice(2))) members.add(element);
    children.set(element, withNamedFields(below, elementType(element, type)));
  }
  return { members, children };
}
