import type { KubernetesObject, OwnerReference } from './object.ts';

/** The reference to the managing controller, if there is one (`metav1.GetControllerOf`). */
export function controllerOf(object: KubernetesObject): OwnerReference | undefined {
  return object.metadata?.ownerReferences?.find((reference) => reference.controller === true);
}

/** Whether `owner` is the object's managing controller (by uid). */
export function isControlledBy(object: KubernetesObject, owner: KubernetesObject): boolean {
  const uid = owner.metadata?.uid;
  return uid !== undefined && controllerOf(object)?.uid === uid;
}

/** `metav1.NewControllerRef`. The kind comes from outside: stored objects need not carry it. */
export function controllerReference(
  owner: KubernetesObject,
  type: { readonly apiVersion: string; readonly kind: string },
): OwnerReference {
  return {
    apiVersion: type.apiVersion,
    kind: type.kind,
    name: owner.metadata?.name ?? '',
    uid: owner.metadata?.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}
