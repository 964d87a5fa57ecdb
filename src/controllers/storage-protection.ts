import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../kinds/types.ts';
import type { Registry } from '../registry/registry.ts';
import type { Controller, ObjectChange } from './controller.ts';
import { isDeleting, namespaceOf, objectKey, splitKey } from './meta.ts';
import { kindOf, type Resource, resourceOf } from './resources.ts';

const CLAIM_FINALIZER = 'kubernetes.io/pvc-protection';
const VOLUME_FINALIZER = 'kubernetes.io/pv-protection';

type Protected = PersistentVolumeClaim | PersistentVolume;

/** Names of the claims that a pod uses, generic ephemeral ones included. */
export function claimsOf(pod: Pod): readonly string[] {
  return (pod.spec?.volumes ?? []).flatMap((volume) => {
    if (volume.persistentVolumeClaim) return [volume.persistentVolumeClaim.claimName];
    return volume.ephemeral ? [`${pod.metadata?.name}-${volume.name}`] : [];
  });
}

/** Whether a pod still needs its volumes. */
function isRunning({ status }: Pod): boolean {
  return status?.phase !== 'Succeeded' && status?.phase !== 'Failed';
}

/** Whether a claim that is being deleted may go: no running pod uses it. Pure. */
export function isClaimFree(claim: PersistentVolumeClaim, pods: readonly Pod[]): boolean {
  const name = claim.metadata?.name ?? '';
  return !pods.some((pod) => isRunning(pod) && claimsOf(pod).includes(name));
}

/** Whether a volume that is being deleted may go: no claim holds it. Pure. */
export function isVolumeFree(volume: PersistentVolume): boolean {
  return volume.status?.phase !== 'Bound';
}

async function release<T extends Protected>(resource: Resource<T>, object: T, finalizer: string): Promise<void> {
  await resource.modify(object, (now) => {
    const finalizers = (now.metadata?.finalizers ?? []).filter((each) => each !== finalizer);
    return { ...now, metadata: { ...now.metadata, finalizers } };
  });
}

interface Stores {
  readonly claims: Resource<PersistentVolumeClaim>;
  readonly volumes: Resource<PersistentVolume>;
  readonly pods: Resource<Pod>;
}

/** Keys are `namespace/name`; volumes have no namespace. */
async function reconcile(key: string, { claims, volumes, pods }: Stores): Promise<undefined> {
  const { namespace, name } = splitKey(key);
  if (namespace === '') {
    const volume = volumes.find('', name);
    const free = volume !== undefined && isDeleting(volume) && isVolumeFree(volume);
    if (free) await release(volumes, volume, VOLUME_FINALIZER);
    return undefined;
  }
  const claim = claims.find(namespace, name);
  const free = claim !== undefined && isDeleting(claim) && isClaimFree(claim, pods.list(namespace));
  if (free) await release(claims, claim, CLAIM_FINALIZER);
  return undefined;
}

/** The claims that a pod's change may have freed. */
function claimKeys({ type, entry }: ObjectChange): readonly string[] {
  const pod = entry.object as Pod;
  if (type !== 'DELETED' && isRunning(pod)) return [];
  return claimsOf(pod).map((name) => `${namespaceOf(pod)}/${name}`);
}

function deletingKey({ type, entry }: ObjectChange): readonly string[] {
  return type !== 'DELETED' && isDeleting(entry.object) ? [objectKey(entry.object)] : [];
}

/** Lets deleted claims and volumes go once nobody uses them any more. */
export function storageProtection({ registry }: { readonly registry: Registry }): Controller {
  const of = <T extends Protected | Pod>(resource: string) => resourceOf<T>(registry, kindOf(registry, resource));
  const stores: Stores = {
    claims: of<PersistentVolumeClaim>('/persistentvolumeclaims'),
    volumes: of<PersistentVolume>('/persistentvolumes'),
    pods: of<Pod>('/pods'),
  };
  return {
    name: 'storage-protection',
    inputs: [
      { resource: '/persistentvolumeclaims', keys: deletingKey },
      { resource: '/persistentvolumes', keys: deletingKey },
      { resource: '/pods', keys: claimKeys },
    ],
    outputs: [{ what: 'storage protection finalizers', mode: 'exclusive' }],
    reconcile: (key) => reconcile(key, stores),
  };
}
