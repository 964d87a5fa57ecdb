import type { Node, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '../../kinds/types.ts';
import { ephemeralClaimName, notOwned } from '../ephemeral-claims.ts';
import { isDeleting, nameOf, namespaceOf, objectKey, uidOf } from '../meta.ts';
import { claimsOf } from '../storage-protection.ts';
import { isPodFinished } from '../workloads/pod-facts.ts';
import { findMatchingVolume, volumeFitsNode } from './match-volume.ts';
import { annotationOf, classOf, isDelayed, VOLUME_KEYS } from './volume-facts.ts';

/** What a pod's place depends on, as far as its volumes go. */
export interface PodVolumesSnapshot {
  readonly node: Node;
  readonly pods: readonly Pod[];
  readonly volumes: readonly PersistentVolume[];
  readonly findClaim: (namespace: string, name: string) => PersistentVolumeClaim | undefined;
  readonly findClass: (name: string) => StorageClass | undefined;
}

/** A volume that the scheduler chooses for a claim which has waited for a node. */
export interface Assignment {
  readonly claim: PersistentVolumeClaim;
  /** Undefined: one is to be made. */
  readonly volume: PersistentVolume | undefined;
}

/** What the scheduler finds out about a pod's volumes. */
export interface PodVolumes {
  /** The pod fits nowhere before this has changed; upstream's words. */
  readonly blocker?: string;
  /** Why the pod doesn't fit on this node. */
  readonly conflicts: readonly { readonly reason: string; readonly resolvable: boolean }[];
  /** To be done before the pod is bound. */
  readonly assignments: readonly Assignment[];
  /** All that can be done has been: claims are on their way to being bound. */
  readonly isWaiting: boolean;
}

const NONE: PodVolumes = { conflicts: [], assignments: [], isWaiting: false };

const BIND_CONFLICT = "node(s) didn't find available persistent volumes to bind";
const NODE_CONFLICT = "node(s) didn't match PersistentVolume's node affinity";
const NO_VOLUME = 'node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)';
const TAKEN =
  'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod';

/** Whether the pod's volumes allow it on the node, and what they still need. Pure. */
export function planPodVolumes(pod: Pod, snapshot: PodVolumesSnapshot): PodVolumes {
  const claims: PersistentVolumeClaim[] = [];
  for (const volume of pod.spec?.volumes ?? []) {
    const name = volume.ephemeral ? ephemeralClaimName(pod, volume) : volume.persistentVolumeClaim?.claimName;
    if (name === undefined) continue;
    const claim = snapshot.findClaim(namespaceOf(pod), name);
    const blocker = blockerOf(pod, claim, { name, isEphemeral: volume.ephemeral !== undefined });
    if (blocker !== undefined || claim === undefined) return { ...NONE, blocker: blocker ?? '' };
    claims.push(claim);
  }
  return claims.length === 0 ? NONE : planClaims(pod, claims, snapshot);
}

function blockerOf(
  pod: Pod,
  claim: PersistentVolumeClaim | undefined,
  { name, isEphemeral }: { readonly name: string; readonly isEphemeral: boolean },
): string | undefined {
  if (claim === undefined) {
    return isEphemeral
      ? `waiting for ephemeral volume controller to create the persistentvolumeclaim "${name}"`
      : `persistentvolumeclaim "${name}" not found`;
  }
  if (claim.status?.phase === 'Lost') {
    return `persistentvolumeclaim "${name}" bound to non-existent persistentvolume "${claim.spec?.volumeName ?? ''}"`;
  }
  if (isDeleting(claim)) return `persistentvolumeclaim "${name}" is being deleted`;
  return isEphemeral ? notOwned(pod, claim) : undefined;
}

function isBound(claim: PersistentVolumeClaim): boolean {
  return Boolean(claim.spec?.volumeName) && annotationOf(claim, VOLUME_KEYS.bindCompleted) !== undefined;
}

function planClaims(pod: Pod, claims: readonly PersistentVolumeClaim[], snapshot: PodVolumesSnapshot): PodVolumes {
  const unbound = claims.filter((claim) => !isBound(claim));
  const immediate = unbound.filter((c) => c.spec?.volumeName || !isDelayed(snapshot.findClass(classOf(c))));
  if (immediate.length > 0) return { ...NONE, blocker: 'pod has unbound immediate PersistentVolumeClaims' };
  const found = claims.filter(isBound).flatMap((claim) => boundConflict(claim, snapshot));
  const taken = claims.some((claim) => isTaken(claim, pod, snapshot)) ? [{ reason: TAKEN, resolvable: true }] : [];
  const assigned = assign(unbound, snapshot);
  const unassignable = assigned === undefined ? [{ reason: BIND_CONFLICT, resolvable: false }] : [];
  const pending = (assigned ?? []).filter(({ claim, volume }) => !isAssigned(claim, volume, snapshot.node));
  return {
    conflicts: [...taken, ...new Map(found.map((each) => [each.reason, each])).values(), ...unassignable],
    assignments: pending,
    isWaiting: unbound.length > 0,
  };
}

function boundConflict(
  { spec }: PersistentVolumeClaim,
  { volumes, node }: PodVolumesSnapshot,
): readonly { readonly reason: string; readonly resolvable: boolean }[] {
  const volume = volumes.find((each) => nameOf(each) === spec?.volumeName);
  if (volume === undefined) return [{ reason: NO_VOLUME, resolvable: false }];
  return volumeFitsNode(volume, node) ? [] : [{ reason: NODE_CONFLICT, resolvable: false }];
}

/** Whether only one pod may use the claim, and another one does. */
function isTaken(claim: PersistentVolumeClaim, pod: Pod, { pods }: PodVolumesSnapshot): boolean {
  if (!claim.spec?.accessModes?.includes('ReadWriteOncePod')) return false;
  const uses = (other: Pod): boolean =>
    uidOf(other) !== uidOf(pod) && Boolean(other.spec?.nodeName) && !isPodFinished(other);
  return pods.some((other) => namespaceOf(other) === namespaceOf(pod) && uses(other) && usesClaim(other, claim));
}

function usesClaim(pod: Pod, claim: PersistentVolumeClaim): boolean {
  return claimsOf(pod).includes(nameOf(claim));
}

/** A volume for each claim, or that one is to be made; undefined when one of them can't be had. */
function assign(
  claims: readonly PersistentVolumeClaim[],
  { volumes, node, findClass }: PodVolumesSnapshot,
): readonly Assignment[] | undefined {
  const excluded = new Set<string>();
  const assignments: Assignment[] = [];
  for (const claim of claims) {
    const volume = findMatchingVolume(claim, volumes, { node, excluded });
    if (volume !== undefined) excluded.add(nameOf(volume));
    const provisioner = findClass(classOf(claim))?.provisioner ?? '';
    if (volume === undefined && (provisioner === '' || provisioner === 'kubernetes.io/no-provisioner'))
      return undefined;
    assignments.push({ claim, volume });
  }
  return assignments;
}

/** Whether the choice is on record already. */
function isAssigned(claim: PersistentVolumeClaim, volume: PersistentVolume | undefined, node: Node): boolean {
  const ref = volume?.spec?.claimRef;
  if (volume !== undefined) return ref !== undefined && `${ref.namespace}/${ref.name}` === objectKey(claim);
  return annotationOf(claim, VOLUME_KEYS.selectedNode) === nameOf(node);
}
