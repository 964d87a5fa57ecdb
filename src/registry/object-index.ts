import type { KindDefinition } from '../kinds/definition.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import type { StoreEntry, StoreEvent } from '../store/store.ts';
import type { ObjectIndex, Registry } from './registry.ts';

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
): ObjectIndex<T> & { readonly close: () => void } {
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
  return {
    get: (value) => [...(entries.get(value)?.values() ?? [])].sort(byKey).map((entry) => entry.object as T),
    count: (value) => entries.get(value)?.size ?? 0,
    close,
  };
}

function byKey(a: StoreEntry, b: StoreEntry): number {
  return a.key < b.key ? -1 : 1;
}

/** Makes the registry's `index`: each index is made once. */
export function createIndexes(registry: Pick<Registry, 'list' | 'subscribe'>): Registry['index'] {
  const made = new WeakMap<KindDefinition, Map<unknown, unknown>>();
  return <T extends KubernetesObject>(kind: KindDefinition, valuesOf: (object: T) => readonly string[]) => {
    const ofKind = made.get(kind) ?? new Map<unknown, unknown>();
    made.set(kind, ofKind);
    const index = (ofKind.get(valuesOf) as ObjectIndex<T> | undefined) ?? createObjectIndex(registry, kind, valuesOf);
    ofKind.set(valuesOf, index);
    return index;
  };
}
