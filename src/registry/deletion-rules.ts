import { markForCleanup } from '../kinds/custom/cleanup.ts';
import type { KubernetesObject } from '../machinery/object.ts';

/** What is particular about a resource's deletion beyond finalizers and grace. */
export interface DeletionRule {
  /** Whether something else than `metadata.finalizers` still holds the object. */
  readonly isHeld: (object: KubernetesObject) => boolean;
  /** The object when its deletion begins. */
  readonly mark: (object: KubernetesObject) => KubernetesObject;
}

interface Finalizable extends KubernetesObject {
  readonly spec?: { readonly finalizers?: readonly string[] };
  readonly status?: { readonly phase?: string };
}

const plain: DeletionRule = { isHeld: () => false, mark: (object) => object };

/** Namespaces have finalizers of their own in `spec`, and say in `status` that they are going. */
const namespaces: DeletionRule = {
  isHeld: (object: Finalizable) => (object.spec?.finalizers ?? []).length > 0,
  mark: (object: Finalizable) => ({ ...object, status: { ...object.status, phase: 'Terminating' } }),
};

/** Definitions of custom resources go after the last of their objects. */
const definitions: DeletionRule = { isHeld: () => false, mark: markForCleanup };

const rules: { readonly [resource: string]: DeletionRule } = {
  '/namespaces': namespaces,
  'apiextensions.k8s.io/customresourcedefinitions': definitions,
};

/** The rule of a resource. */
export function deletionRuleOf(kind: { readonly group: string; readonly plural: string }): DeletionRule {
  return rules[`${kind.group}/${kind.plural}`] ?? plain;
}

/** Whether a version of an object that is being deleted is the last one. */
export function isFinished(rule: DeletionRule, object: KubernetesObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, finalizers = [] } = object.metadata ?? {};
  if (deletionTimestamp === undefined || deletionGracePeriodSeconds > 0) return false;
  return finalizers.length === 0 && !rule.isHeld(object);
}
