import type { KubernetesObject, OwnerReference } from '../../machinery/object.ts';
import { controllerOf, uidOf } from '../meta.ts';
import type { Resource } from '../resources.ts';
import type { Claim } from './claim.ts';

function withOwners<T extends KubernetesObject>(object: T, owners: readonly OwnerReference[]): T {
  return { ...object, metadata: { ...object.metadata, ownerReferences: owners.length > 0 ? owners : undefined } };
}

function owners(object: KubernetesObject): readonly OwnerReference[] {
  return object.metadata?.ownerReferences ?? [];
}

/** Writes a claim's adoptions and releases; returns everything that the owner owns afterwards. */
export async function applyClaim<T extends KubernetesObject>(
  claim: Claim<T>,
  reference: OwnerReference,
  resource: Resource<T>,
): Promise<readonly T[]> {
  const adopted: T[] = [];
  for (const object of claim.adopt) {
    const current = await resource.modify(object, (now) =>
      controllerOf(now) === undefined ? withOwners(now, [...owners(now), reference]) : undefined,
    );
    if (current !== undefined && controllerOf(current)?.uid === reference.uid) adopted.push(current);
  }
  for (const object of claim.release) {
    await resource.modify(object, (now) =>
      withOwners(
        now,
        owners(now).filter((o) => o.uid !== reference.uid),
      ),
    );
  }
  return [...claim.owned, ...adopted.filter((a) => !claim.owned.some((o) => uidOf(o) === uidOf(a)))];
}
