import type { PersistentVolume, PersistentVolumeClaim, Pod, Volume } from '../../kinds/types.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import { ephemeralClaimName, notOwned } from '../ephemeral-claims.ts';
import { isDeleting, nameOf, namespaceOf, uidOf } from '../meta.ts';
import type { Resources } from '../resources.ts';

/** The volumes behind a pod's claims, as far as they can be used. */
export interface GatheredClaims {
  /** By the claim's name. */
  readonly volumes: ReadonlyMap<string, PersistentVolume>;
  /** Why others can't be, as the kubelet's event says it. */
  readonly failures: readonly string[];
}

/** The claim that a volume of the pod is reached through. */
export function claimNameOf(pod: Pod, volume: Volume): string | undefined {
  return volume.ephemeral ? ephemeralClaimName(pod, volume) : volume.persistentVolumeClaim?.claimName;
}

function claimProblem(claim: PersistentVolumeClaim | undefined, name: string): string | undefined {
  if (claim === undefined) {
    return `failed to fetch PVC from API server: persistentvolumeclaims "${name}" not found`;
  }
  const isProtected = claim.metadata?.finalizers?.includes('kubernetes.io/pvc-protection');
  if (isDeleting(claim) && !isProtected) return 'PVC is being deleted';
  if (claim.status?.phase !== 'Bound') return 'PVC is not bound';
  return claim.spec?.volumeName ? undefined : 'PVC has empty pvc.Spec.VolumeName';
}

function volumeProblem(volume: PersistentVolume | undefined, claim: PersistentVolumeClaim): string | undefined {
  const name = claim.spec?.volumeName ?? '';
  if (volume === undefined) {
    return `failed to fetch PV ${name} from API server: persistentvolumes "${name}" not found`;
  }
  const uid = volume.spec?.claimRef?.uid;
  if (volume.spec?.claimRef === undefined) {
    return `found PV object ${name} but it has a nil pv.Spec.ClaimRef indicating it is not yet bound to the claim`;
  }
  if (uid === uidOf(claim)) return undefined;
  return `found PV object ${name} but its pv.Spec.ClaimRef.UID ${uid} does not point to claim.UID ${uidOf(claim)}`;
}

/** Whether containers mount a device, or use a folder as one. */
function modeProblem(pod: Pod, name: string, { spec }: PersistentVolume): string | undefined {
  const containers = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
  const mode = spec?.volumeMode ?? 'Filesystem';
  const isMounted = containers.some((c) => c.volumeMounts?.some((mount) => mount.name === name));
  const isDevice = containers.some((c) => c.volumeDevices?.some((device) => device.name === name));
  if (isMounted && mode !== 'Filesystem') {
    return `volume ${name} has volumeMode ${mode}, but is specified in volumeMounts`;
  }
  return isDevice && mode !== 'Block'
    ? `volume ${name} has volumeMode ${mode}, but is specified in volumeDevices`
    : undefined;
}

/** The kubelet's sentence for a volume that it can't get hold of. */
function failure(volume: string, why: string): string {
  return `Unable to attach or mount volumes: unmounted volumes=[${volume}], unattached volumes=[], failed to process volumes=[${volume}]: ${why}`;
}

/** The volume behind a claim of the pod, or why it can't be used. */
function follow(
  pod: Pod,
  volume: Volume,
  { claimName, resources }: { readonly claimName: string; readonly resources: Resources },
): PersistentVolume | string {
  const claim = resources.persistentVolumeClaims.find(namespaceOf(pod), claimName);
  const about = (why: string): string => `error processing PVC ${namespaceOf(pod)}/${claimName}: ${why}`;
  const unusable = claimProblem(claim, claimName);
  if (claim === undefined || unusable !== undefined) return about(unusable ?? '');
  const strange = volume.ephemeral ? notOwned(pod, claim) : undefined;
  if (strange !== undefined) return strange;
  const found = resources.persistentVolumes.find('', claim.spec?.volumeName ?? '');
  const unbound = volumeProblem(found, claim);
  if (found === undefined || unbound !== undefined) return about(unbound ?? '');
  return modeProblem(pod, volume.name, found) ?? found;
}

/** Follows the pod's claims to their volumes. */
export function gatherClaims(pod: Pod, resources: Resources): GatheredClaims {
  const volumes = new Map<string, PersistentVolume>();
  const failures: string[] = [];
  for (const volume of pod.spec?.volumes ?? []) {
    const claimName = claimNameOf(pod, volume);
    if (claimName === undefined) continue;
    const found = follow(pod, volume, { claimName, resources });
    if (typeof found === 'string') failures.push(failure(volume.name, found));
    else volumes.set(claimName, found);
  }
  return { volumes, failures };
}

/** The pods on this node that use a claim. */
export function usersOfClaim(claim: KubernetesObject, { pods }: Resources): readonly Pod[] {
  const uses = (pod: Pod): boolean =>
    (pod.spec?.volumes ?? []).some((volume) => claimNameOf(pod, volume) === nameOf(claim));
  return pods.list(namespaceOf(claim)).filter((pod) => Boolean(pod.spec?.nodeName) && uses(pod));
}
