import type { PersistentVolumeClaim, Pod, StatefulSet } from '../../kinds/types.ts';
import { semanticEqual } from '../../machinery/deep.ts';
import type { OwnerReference } from '../../machinery/object.ts';
import { controllerReference, uidOf } from '../meta.ts';
import { inRange, ordinalOf, STATEFUL_SET_TYPE } from './stateful-pod.ts';

type Owners = readonly OwnerReference[];

const POD_TYPE = { apiVersion: 'v1', kind: 'Pod' };

/** Who shall own a pod's claims so that they go with it, or with the set; nobody where they are retained. */
function wantedOwner(set: StatefulSet, pod: Pod): OwnerReference | undefined {
  const { whenDeleted, whenScaled } = set.spec?.persistentVolumeClaimRetentionPolicy ?? {};
  const condemned = !inRange(ordinalOf(pod, set) ?? -1, set);
  if (condemned && whenScaled === 'Delete') return controllerReference(pod, POD_TYPE);
  if (whenDeleted !== 'Delete') return undefined;
  return controllerReference(set, STATEFUL_SET_TYPE);
}

/** A claim's owners by the set's retention policy; those that are neither the set nor the pod stay. Pure. */
export function claimOwners(set: StatefulSet, pod: Pod, claim: PersistentVolumeClaim): Owners {
  const owners: Owners = claim.metadata?.ownerReferences ?? [];
  const ours = new Set([uidOf(set), uidOf(pod)]);
  const others = owners.filter((o) => !ours.has(o.uid));
  const wanted = wantedOwner(set, pod);
  const isTaken = others.some((o) => o.controller === true);
  return wanted === undefined || isTaken ? others : [...others, wanted];
}

/** Whether the claim's owners aren't as the policy has them. */
export function needsOwners(set: StatefulSet, pod: Pod, claim: PersistentVolumeClaim): boolean {
  return !semanticEqual(claim.metadata?.ownerReferences, claimOwners(set, pod, claim));
}

/** Whether the claim goes with an earlier pod of this name: a new pod waits until it is gone. */
export function isStale(claim: PersistentVolumeClaim, podUid: string): boolean {
  return (claim.metadata?.ownerReferences ?? []).some((o) => o.kind === POD_TYPE.kind && o.uid !== podUid);
}
