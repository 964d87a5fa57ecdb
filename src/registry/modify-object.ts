import type { KindDefinition } from '../kinds/definition.ts';
import type { KubernetesObject, ObjectKey } from '../machinery/object.ts';
import type { StoreEntry } from '../store/store.ts';
import { keyFor, type RegistryContext } from './context.ts';
import type { WriteOptions } from './registry.ts';
import { replaceObject } from './update-object.ts';

/** A change to one object. */
export interface Modification<T extends KubernetesObject> {
  readonly kind: KindDefinition;
  readonly key: ObjectKey;
  /** The new version, or undefined to leave the object alone. Called again when another write came first. */
  readonly change: (object: T) => T | undefined;
  readonly options: WriteOptions;
}

/** Read-modify-write; undefined when there is no such object, its entry when it was left alone. */
export async function modifyObject<T extends KubernetesObject>(
  context: RegistryContext,
  { kind, key, change, options }: Modification<T>,
): Promise<StoreEntry | undefined> {
  for (;;) {
    const current = context.store.get(keyFor(kind, key));
    if (current === undefined) return undefined;
    const changed = change(current.object as T);
    if (changed === undefined) return current;
    const incoming = { ...changed, metadata: { ...changed.metadata, resourceVersion: undefined } };
    const outcome = await replaceObject(context, { kind, incoming, current, options });
    if (outcome !== undefined) return outcome.entry;
  }
}
