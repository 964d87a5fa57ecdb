import type { KindDefinition } from '../kinds/definition.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import type { StoreEntry, StoreEvent } from '../store/store.ts';
import type { Registry } from './registry.ts';

/** Live objects of a kind by something other than their key. Always as current as the registry itself. */
export interface ObjectIndex<T extends KubernetesObject> {
  /** Objects that have this value, oldest version first. */
  get(value: string): readonly T[];
  close(): void;
}

/** Values of an index by the uids of an object's owners. */
export function byOwner(object: KubernetesObject): readonly string[] {
  return (object.metadata?.ownerReferences ?? []).map(({ uid }) => uid);
}

/**
 * Keeps an index of a kind up to date from its change feed: a look-up costs what it finds, a change costs itself.
 * `valuesOf` must be pure.
 */
export function createObjectIndex<T extends KubernetesObject>(
  registry: Pick<Registry, 'list' | 'subscribe'>,
  kind: KindDefinition,
  valuesOf: (object: T) => readonly string[],
): ObjectIndex<T> {
  const entries = new Map<string, Map<string, StoreEntry>>();
  const remove = (entry: StoreEntry): void => {
    for (const value of valuesOf(entry.object as T)) {
      const found = entries.get(value);
      found?.delete(entry.key);
      if (found?.size === 0) entries.delete(value);
    }
  };
  const add = (entry: StoreEntry): void => {
    for (const value of valuesOf(entry.object as T)) {
      const found = entries.get(value) ?? new Map<string, StoreEntry>();
      entries.set(value, found.set(entry.key, entry));
    }
  };
  const apply = (event: StoreEvent): void => {
    if (event.previous !== undefined) remove(event.previous);
    if (event.type !== 'DELETED') add(event.entry);
  };
  for (const entry of registry.list(kind, {}).entries) add(entry);
  const close = registry.subscribe(kind, (events) => events.forEach(apply));
  return { get: (value) => [...(entries.get(value)?.values() ?? [])].map((entry) => entry.object as T), close };
}
