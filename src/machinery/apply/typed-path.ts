import type { FieldPath } from './field-set.ts';
import { printFieldPath } from './fields-v1.ts';
import { fieldType, isFields, itemElement, itemType, shapeOf, type TypeRef } from './typed-value.ts';

interface Place {
  readonly value: unknown;
  readonly type: TypeRef;
  readonly path: readonly string[];
}

function stepInto({ value, type, path }: Place, step: string): Place {
  if (!Array.isArray(value)) {
    const inner = isFields(value) && Object.hasOwn(value, step) ? value[step] : undefined;
    return { value: inner, type: fieldType(type, step), path: [...path, `f:${step}`] };
  }
  const item: unknown = value[Number(step)];
  const element = shapeOf(value, type) === 'list' ? itemElement(item, type) : `i:${step}`;
  return { value: item, type: itemType(type), path: [...path, element] };
}

/**
 * A path with indexes (`spec.containers[0].foo`) as the typed merge prints it, items told apart by their keys:
 * `.spec.containers[name="c"].foo`.
 */
export function typedPath(value: unknown, path: string, type: TypeRef): string {
  const steps = path.match(/[^.[\]]+/g) ?? [];
  const place = steps.reduce<Place>(stepInto, { value, type, path: [] });
  return printFieldPath(place.path as FieldPath);
}
