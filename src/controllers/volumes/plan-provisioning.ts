import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../kinds/types.ts';
import { isDeleting, nameOf, namespaceOf } from '../meta.ts';
import {
  annotationOf,
  claimReference,
  classOf,
  isDelayed,
  LOCAL_PROVISIONER,
  provisionedName,
  VOLUME_KEYS,
} from './volume-facts.ts';

/** Parameter of a class: the folder that its volumes are in. */
export const ROOT_PARAMETER = 'path';

/** Whether a volume is to be made for the claim, and why it can't be. */
export type ProvisioningPlan =
  | { readonly action: 'none' }
  | { readonly action: 'refuse'; readonly message: string }
  | { readonly action: 'make'; readonly name: string; readonly root: string };

/** What the plan depends on. */
export interface ProvisioningFacts {
  readonly storageClass: StorageClass | undefined;
  readonly nodeName: string;
  /** Where volumes are unless their class says otherwise. */
  readonly defaultRoot: string;
}

/** Whether this machine's provisioner is asked for a volume, and what it takes. Pure. */
export function planProvisioning(claim: PersistentVolumeClaim, facts: ProvisioningFacts): ProvisioningPlan {
  const { storageClass, nodeName } = facts;
  const isOurs = annotationOf(claim, VOLUME_KEYS.storageProvisioner) === LOCAL_PROVISIONER;
  if (!isOurs || claim.spec?.volumeName || isDeleting(claim)) return { action: 'none' };
  if (storageClass?.provisioner !== LOCAL_PROVISIONER) return { action: 'none' };
  const selected = annotationOf(claim, VOLUME_KEYS.selectedNode);
  if (selected !== undefined ? selected !== nodeName : isDelayed(storageClass)) return { action: 'none' };
  const why = obstacle(claim, storageClass);
  if (why !== undefined) {
    const message = `failed to provision volume with StorageClass "${nameOf(storageClass)}": ${why}`;
    return { action: 'refuse', message };
  }
  return { action: 'make', name: folderName(claim), root: rootOf(storageClass, facts.defaultRoot) };
}

/** What a folder can't be. */
function obstacle({ spec }: PersistentVolumeClaim, { parameters, mountOptions }: StorageClass): string | undefined {
  const unknown = Object.keys(parameters ?? {}).find((name) => name !== ROOT_PARAMETER);
  if (unknown !== undefined) return `unknown parameter "${unknown}": only "${ROOT_PARAMETER}" is known`;
  if (parameters?.[ROOT_PARAMETER]?.startsWith('/') === false) {
    return `parameter "${ROOT_PARAMETER}" must be an absolute path`;
  }
  if ((mountOptions ?? []).length > 0) return 'mount options are not supported: volumes are folders';
  if (spec?.selector) return 'claim.spec.selector is not supported';
  if (spec?.dataSource || spec?.dataSourceRef) return 'claim.spec.dataSource is not supported';
  return spec?.volumeMode === 'Block' ? 'volumeMode Block is not supported: volumes are folders' : undefined;
}

/** The folder that the volumes of a class are in. */
export function rootOf({ parameters }: StorageClass, defaultRoot: string): string {
  const root = parameters?.[ROOT_PARAMETER] ?? defaultRoot;
  return root === '/' ? root : root.replace(/\/+$/, '');
}

/** Name of the folder, by which people find a claim's data. No name of Kubernetes has a `_`. */
function folderName(claim: PersistentVolumeClaim): string {
  return `${provisionedName(claim)}_${namespaceOf(claim)}_${nameOf(claim)}`.slice(0, 255);
}

/** The claim's uid in the name of a folder. */
export function claimUidOf(folder: string): string {
  return /^pvc-([^_]*)_/.exec(folder)?.[1] ?? '';
}

/**
 * The volume for a claim whose data is at `path`. It can be used on this machine, whatever that is called: a host may be
 * renamed, its disks stay.
 */
export function volumeFor(claim: PersistentVolumeClaim, storageClass: StorageClass, path: string): PersistentVolume {
  const reclaim = storageClass.reclaimPolicy ?? 'Delete';
  const here = { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'Exists' }] };
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: {
      name: provisionedName(claim),
      annotations: { [VOLUME_KEYS.provisionedBy]: LOCAL_PROVISIONER },
      ...(reclaim === 'Delete' ? { finalizers: [VOLUME_KEYS.deletionFinalizer] } : {}),
    },
    spec: {
      capacity: { storage: claim.spec?.resources?.requests?.['storage'] ?? '0' },
      accessModes: claim.spec?.accessModes,
      claimRef: claimReference(claim),
      local: { path },
      nodeAffinity: { required: { nodeSelectorTerms: [here] } },
      persistentVolumeReclaimPolicy: reclaim,
      storageClassName: classOf(claim),
      volumeMode: 'Filesystem',
    },
  };
}

/** The folder of a volume of ours that is to be deleted with it; undefined when it isn't. Pure. */
export function folderToDelete(volume: PersistentVolume): { readonly root: string; readonly name: string } | undefined {
  const isOurs = annotationOf(volume, VOLUME_KEYS.provisionedBy) === LOCAL_PROVISIONER;
  const isDue = volume.status?.phase === 'Released' && volume.spec?.persistentVolumeReclaimPolicy === 'Delete';
  const [, root, name = ''] = /^(.*)\/([^/]+)$/.exec(volume.spec?.local?.path ?? '') ?? [];
  // A folder that doesn't bear the volume's name was never made by us.
  if (!isOurs || !isDue || root === undefined || !name.startsWith(`${nameOf(volume)}_`)) return undefined;
  return { root: root === '' ? '/' : root, name };
}
