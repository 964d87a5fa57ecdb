import type { KubernetesObject, OwnerReference } from '../machinery/object.ts';

/** The object's name; '' when absent. */
export function nameOf(object: KubernetesObject): string {
  return object.metadata?.name ?? '';
}

/** The object's namespace; '' when cluster-scoped. */
export function namespaceOf(object: KubernetesObject): string {
  return object.metadata?.namespace ?? '';
}

/** The object's uid; '' when it was never stored. */
export function uidOf(object: KubernetesObject): string {
  return object.metadata?.uid ?? '';
}

/** Whether a delete was accepted and waits for grace or finalizers. */
export function isDeleting(object: KubernetesObject): boolean {
  return object.metadata?.deletionTimestamp !== undefined;
}

/** `namespace/name`: the key of most controllers. */
export function objectKey(object: KubernetesObject): string {
  return `${namespaceOf(object)}/${nameOf(object)}`;
}

/** The parts of a `namespace/name` key. */
export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/');
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) };
}

/** The owner that controls the object; undefined when nobody does. */
export function controllerOf(object: KubernetesObject): OwnerReference | undefined {
  return object.metadata?.ownerReferences?.find((o) => o.controller === true);
}

/** Whether `owner` controls the object, by uid. */
export function isControlledBy(object: KubernetesObject, owner: KubernetesObject): boolean {
  return controllerOf(object)?.uid === uidOf(owner);
}

/** A controller's reference to an object that it makes. */
export function controllerReference(
  owner: KubernetesObject,
  type: { apiVersion: string; kind: string },
): OwnerReference {
  return { ...type, name: nameOf(owner), uid: uidOf(owner), controller: true, blockOwnerDeletion: true };
}

/** Oldest first; equal ages by name, so that the order is total. */
export function byAge(a: KubernetesObject, b: KubernetesObject): number {
  const [x, y] = [a.metadata?.creationTimestamp ?? '', b.metadata?.creationTimestamp ?? ''];
  if (x !== y) return x < y ? -1 : 1;
  return nameOf(a) < nameOf(b) ? -1 : 1;
}
