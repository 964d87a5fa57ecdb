import type { KubernetesObject, OwnerReference } from '../../machinery/object.ts';
import { controllerOf, uidOf } from '../meta.ts';
import type { Resource } from '../resources.ts';
import type { Claim } from './claim.ts';

/** How an owner marks what is its own. */
export interface Ownership {
  readonly reference: OwnerReference;
  /** A finalizer that adopted objects get and released ones lose. */
  readonly finalizer?: string | undefined;
}

function marked<T extends KubernetesObject>(object: T, { reference, finalizer }: Ownership): T {
  const finalizers = object.metadata?.finalizers ?? [];
  const added = finalizer !== undefined && !finalizers.includes(finalizer) ? [finalizer] : [];
  const ownerReferences = [...owners(object), reference];
  return { ...object, metadata: { ...object.metadata, ownerReferences, finalizers: [...finalizers, ...added] } };
}

function unmarked<T extends KubernetesObject>(object: T, { reference, finalizer }: Ownership): T {
  const ownerReferences = owners(object).filter((o) => o.uid !== reference.uid);
  const finalizers = (object.metadata?.finalizers ?? []).filter((f) => f !== finalizer);
  return { ...object, metadata: { ...object.metadata, ownerReferences, finalizers } };
}

function owners(object: KubernetesObject): readonly OwnerReference[] {
  return object.metadata?.ownerReferences ?? [];
}

/** Writes a claim's adoptions and releases; returns everything that the owner owns afterwards. */
export async function applyClaim<T extends KubernetesObject>(
  claim: Claim<T>,
  ownership: Ownership,
  resource: Resource<T>,
): Promise<readonly T[]> {
  const { uid } = ownership.reference;
  const adopted: T[] = [];
  for (const object of claim.adopt) {
    const current = await resource.modify(object, (now) =>
      controllerOf(now) === undefined ? marked(now, ownership) : undefined,
    );
    if (current !== undefined && controllerOf(current)?.uid === uid) adopted.push(current);
  }
  for (const object of claim.release) await resource.modify(object, (now) => unmarked(now, ownership));
  return [...claim.owned, ...adopted.filter((a) => !claim.owned.some((o) => uidOf(o) === uidOf(a)))];
}
