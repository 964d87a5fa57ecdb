import { deepEqual } from '../deep.ts';
import { type FieldSet, FieldSetBuilder } from './field-set.ts';
import {
  fieldType,
  isEmptyContainer,
  isFields,
  itemElement,
  itemType,
  shapeOf,
  type TypeRef,
  zeroFields,
  zeroValue,
} from './typed-value.ts';

/** What differs between two values. */
export interface Comparison {
  readonly added: FieldSet;
  readonly removed: FieldSet;
  readonly modified: FieldSet;
}

/** Items of a list by their identity; several where the list has duplicates. */
function groupItems(list: unknown, type: TypeRef): Map<string, readonly unknown[]> {
  const groups = new Map<string, readonly unknown[]>();
  if (!Array.isArray(list)) return groups;
  for (const item of list) {
    const element = itemElement(item, type);
    groups.set(element, [...(groups.get(element) ?? []), item]);
  }
  return groups;
}

function readField(value: unknown, name: string, type: TypeRef): unknown {
  if (!isFields(value)) return undefined;
  const field = Object.hasOwn(value, name) ? value[name] : undefined;
  return field === undefined ? zeroValue(type, name) : field;
}

function fieldNames(before: unknown, after: unknown, type: TypeRef): ReadonlySet<string> {
  const own = [before, after].flatMap((value) => (isFields(value) ? Object.keys(value) : []));
  // Where both sides are there, fields that are absent on both can't differ.
  return new Set(before === undefined || after === undefined ? [...own, ...zeroFields(type)] : own);
}

class CompareWalker {
  readonly added = new FieldSetBuilder();
  readonly removed = new FieldSetBuilder();
  readonly modified = new FieldSetBuilder();
  readonly path: string[] = [];

  walk(before: unknown, after: unknown, type: TypeRef): void {
    if (before === after) return;
    if (this.isLeaf(before, after, type)) {
      this.leaf(before, after);
      return;
    }
    if (Array.isArray(before ?? after)) this.walkItems(before, after, type);
    else this.walkFields(before, after, type);
    if (before === undefined) this.added.insert(this.path);
    else if (after === undefined) this.removed.insert(this.path);
  }

  isLeaf(before: unknown, after: unknown, type: TypeRef): boolean {
    if (isEmptyContainer(before) && isEmptyContainer(after)) return true;
    const shapes = [before, after].filter((value) => value !== undefined).map((value) => shapeOf(value, type));
    return shapes.includes('leaf') || new Set(shapes).size > 1;
  }

  leaf(before: unknown, after: unknown): void {
    if (before === undefined) this.added.insert(this.path);
    else if (after === undefined) this.removed.insert(this.path);
    else if (!deepEqual(before, after)) this.modified.insert(this.path);
  }

  walkFields(before: unknown, after: unknown, type: TypeRef): void {
    for (const name of fieldNames(before, after, type)) {
      this.path.push(`f:${name}`);
      this.walk(readField(before, name, type), readField(after, name, type), fieldType(type, name));
      this.path.pop();
    }
  }

  walkItems(before: unknown, after: unknown, type: TypeRef): void {
    const left = groupItems(before, type);
    const right = groupItems(after, type);
    for (const element of new Set([...left.keys(), ...right.keys()])) {
      this.path.push(element);
      this.walkGroup(left.get(element) ?? [], right.get(element) ?? [], itemType(type));
      this.path.pop();
    }
  }

  walkGroup(left: readonly unknown[], right: readonly unknown[], type: TypeRef): void {
    if (left.length <= 1 && right.length <= 1) this.walk(left[0], right[0], type);
    else if (left.length >= 2 && right.length >= 2) {
      if (!deepEqual(left, right)) this.modified.insert(this.path);
    } else if (left.length >= 2) {
      if (right.length > 0) this.walk(undefined, right[0], type);
      this.removed.insert(this.path);
    } else {
      if (left.length > 0) this.walk(left[0], undefined, type);
      this.added.insert(this.path);
    }
  }
}

/** Compares two values field by field, as structured-merge-diff does. */
export function compareTyped(before: unknown, after: unknown, type: TypeRef): Comparison {
  const walker = new CompareWalker();
  walker.walk(isFields(before) ? before : {}, isFields(after) ? after : {}, type);
  return { added: walker.added.set, removed: walker.removed.set, modified: walker.modified.set };
}
