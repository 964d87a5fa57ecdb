import { canonicalJson } from '../deep.ts';
import { type Fields, isFields, type StructuralSchema } from './schema.ts';

/** Finds the old versions of a value's members; undefined where they can't be told. */
export type Correlate<K> = (member: K, value: unknown) => unknown;

const NEVER: Correlate<never> = () => undefined;

/** Old fields by name. Those of an atomic map have no counterparts. */
export function correlateFields(old: unknown, schema: StructuralSchema): Correlate<string> {
  if (!isFields(old) || schema['x-kubernetes-map-type'] === 'atomic') return NEVER as Correlate<string>;
  return (name) => (Object.hasOwn(old, name) ? old[name] : undefined);
}

function identity(item: unknown, keys: readonly string[]): string | undefined {
  if (!isFields(item)) return undefined;
  return canonicalJson(keys.map((name) => (item as Fields)[name] ?? null));
}

/** Old items by their keys: only lists of type map have counterparts. */
export function correlateItems(old: unknown, schema: StructuralSchema): Correlate<number> {
  if (!Array.isArray(old) || schema['x-kubernetes-list-type'] !== 'map') return NEVER as Correlate<number>;
  const keys = schema['x-kubernetes-list-map-keys'] ?? [];
  const known = new Map(old.map((item) => [identity(item, keys), item]));
  return (_, item) => {
    const key = identity(item, keys);
    return key === undefined ? undefined : known.get(key);
  };
}
