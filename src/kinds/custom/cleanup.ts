import { setCondition } from '../../machinery/conditions.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import type { CustomCondition, CustomResourceDefinition } from './types.ts';

/** Holds a definition until the last of its objects is gone. */
export const CLEANUP_FINALIZER = 'customresourcecleanup.apiextensions.k8s.io';

/** The definition with a condition set at `now`, RFC 3339. */
export function withCondition(
  object: CustomResourceDefinition,
  condition: CustomCondition,
  now: string,
): CustomResourceDefinition {
  return {
    ...object,
    status: { ...object.status, conditions: setCondition(object.status?.conditions, condition, now) },
  };
}

/** A definition whose deletion begins: held by our finalizer, and saying so. */
export function markForCleanup(object: KubernetesObject): KubernetesObject {
  const { metadata = {} } = object;
  const finalizers = metadata.finalizers ?? [];
  const held = finalizers.includes(CLEANUP_FINALIZER) ? finalizers : [...finalizers, CLEANUP_FINALIZER];
  const condition = {
    type: 'Terminating',
    status: 'True',
    reason: 'InstanceDeletionPending',
    message: 'CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon',
  };
  const marked = { ...object, metadata: { ...metadata, finalizers: held } };
  return withCondition(marked, condition, metadata.deletionTimestamp ?? '') as KubernetesObject;
}
