import { type FieldSet, FieldSetBuilder } from './field-set.ts';
import {
  fieldType,
  isDeclared,
  isEmptyContainer,
  isFields,
  itemElement,
  itemType,
  shapeOf,
  type TypeRef,
} from './typed-value.ts';

class FieldSetWalker {
  readonly builder = new FieldSetBuilder();
  readonly path: string[] = [];

  walk(value: unknown, type: TypeRef): void {
    const shape = shapeOf(value, type);
    if (shape === 'leaf') this.builder.insert(this.path);
    else if (Array.isArray(value)) this.walkItems(value, type);
    else if (isFields(value)) this.walkFields(value, type);
  }

  walkFields(value: { readonly [name: string]: unknown }, type: TypeRef): void {
    for (const name of Object.keys(value)) {
      if (value[name] === undefined) continue;
      this.path.push(`f:${name}`);
      this.walk(value[name], fieldType(type, name));
      const isEmptyMap = isFields(value[name]) && isEmptyContainer(value[name]);
      if (isEmptyMap || !isDeclared(type, name)) this.builder.insert(this.path);
      this.path.pop();
    }
  }

  walkItems(items: readonly unknown[], type: TypeRef): void {
    const elements = items.map((item) => itemElement(item, type));
    for (const [i, element] of elements.entries()) {
      this.path.push(element);
      // Of duplicates only the identity is owned: which of them a path below means can't be told.
      if (elements.indexOf(element) === elements.lastIndexOf(element)) this.walk(items[i], itemType(type));
      this.builder.insert(this.path);
      this.path.pop();
    }
  }
}

/** Every field that a value sets. */
export function toFieldSet(value: unknown, type: TypeRef): FieldSet {
  const walker = new FieldSetWalker();
  walker.walk(value, type);
  return walker.builder.set;
}
