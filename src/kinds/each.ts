import { duplicate, index } from '../machinery/field-path.ts';
import type { Findings } from './validation.ts';

/** The findings of every item, each checked at its own path. */
export function validateEach<T>(
  items: readonly T[] | undefined,
  path: string,
  check: (item: T, path: string, position: number) => Findings,
): Findings {
  return (items ?? []).flatMap((item, position) => check(item, index(path, position), position));
}

/** A finding for every item whose key was there before; an empty key is nobody's. `field` names the key below the item. */
export function validateUnique<T>(
  items: readonly T[] | undefined,
  path: string,
  keyOf: (item: T) => string,
  field = '',
): Findings {
  const seen = new Set<string>();
  return validateEach(items, path, (item, at) => {
    const key = keyOf(item);
    if (key === '' || !seen.has(key)) {
      seen.add(key);
      return [];
    }
    return [duplicate(field === '' ? at : `${at}.${field}`, key)];
  });
}
