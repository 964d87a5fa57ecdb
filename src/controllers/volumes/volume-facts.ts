import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from '../../kinds/types.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import { compareQuantities, parseQuantity, type Quantity, quantityOf } from '../../machinery/quantity.ts';
import { nameOf, namespaceOf, uidOf } from '../meta.ts';

/** Annotations and finalizers of volumes and claims, as upstream spells them. */
export const VOLUME_KEYS = {
  bindCompleted: 'pv.kubernetes.io/bind-completed',
  boundByController: 'pv.kubernetes.io/bound-by-controller',
  provisionedBy: 'pv.kubernetes.io/provisioned-by',
  selectedNode: 'volume.kubernetes.io/selected-node',
  storageProvisioner: 'volume.kubernetes.io/storage-provisioner',
  betaStorageProvisioner: 'volume.beta.kubernetes.io/storage-provisioner',
  betaStorageClass: 'volume.beta.kubernetes.io/storage-class',
  deletionFinalizer: 'external-provisioner.volume.kubernetes.io/finalizer',
} as const;

/** Who makes volumes on this machine's own folders. */
export const LOCAL_PROVISIONER = 'quadshift.io/local-directory';

type ClaimRef = NonNullable<NonNullable<PersistentVolume['spec']>['claimRef']>;

/** An annotation's value. */
export function annotationOf(object: KubernetesObject, name: string): string | undefined {
  return object.metadata?.annotations?.[name];
}

/** The object with an annotation. */
export function withAnnotation<T extends KubernetesObject>(object: T, name: string, value: string): T {
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata?.annotations, [name]: value } },
  };
}

/** The class that a claim or volume names; '' for none. */
export function classOf(object: PersistentVolume | PersistentVolumeClaim): string {
  return annotationOf(object, VOLUME_KEYS.betaStorageClass) ?? object.spec?.storageClassName ?? '';
}

/** Whether a claim says anything about its class, be it that it wants none. */
export function namesClass(claim: PersistentVolumeClaim): boolean {
  return annotationOf(claim, VOLUME_KEYS.betaStorageClass) !== undefined || claim.spec?.storageClassName !== undefined;
}

/** Whether the volumes of a class wait for the pod that uses them. */
export function isDelayed(storageClass: StorageClass | undefined): boolean {
  return storageClass?.volumeBindingMode === 'WaitForFirstConsumer';
}

/** Whether the volume is meant for this very claim, be it by name only so far. */
export function isBoundTo(volume: PersistentVolume, claim: PersistentVolumeClaim): boolean {
  const ref = volume.spec?.claimRef;
  if (!ref || ref.name !== nameOf(claim) || ref.namespace !== namespaceOf(claim)) return false;
  return !ref.uid || ref.uid === uidOf(claim);
}

/** A volume's reference to its claim. */
export function claimReference(claim: PersistentVolumeClaim): ClaimRef {
  return {
    kind: 'PersistentVolumeClaim',
    namespace: namespaceOf(claim),
    name: nameOf(claim),
    uid: uidOf(claim),
    apiVersion: 'v1',
    resourceVersion: claim.metadata?.resourceVersion,
  };
}

/** `storage` of a list of resources; nothing when it is absent. */
export function storageOf(amounts: { readonly [name: string]: string } | undefined): Quantity {
  const parsed = parseQuantity(amounts?.['storage'] ?? '0');
  return parsed.ok ? parsed.value : quantityOf(0);
}

/** Whether `a` is less than `b`. */
export function isLess(a: Quantity, b: Quantity): boolean {
  return compareQuantities(a, b) < 0;
}

/** Whether one is a file system and the other a device. */
export function modesMismatch(claim: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  return (claim.spec?.volumeMode ?? 'Filesystem') !== (volume.spec?.volumeMode ?? 'Filesystem');
}

/** Whether the volume can be used in all the ways that the claim asks for. */
export function hasAccessModes(claim: PersistentVolumeClaim, volume: PersistentVolume): boolean {
  return (claim.spec?.accessModes ?? []).every((mode) => (volume.spec?.accessModes ?? []).includes(mode));
}

/** Name of the volume that is made for a claim. */
export function provisionedName(claim: PersistentVolumeClaim): string {
  return `pvc-${uidOf(claim)}`;
}
