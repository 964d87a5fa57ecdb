import type { Node, Pod } from '../../kinds/types.ts';

type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number];
/** What the node's `spec.unschedulable` amounts to. */
const UNSCHEDULABLE: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

function isTolerated(pod: Pod, taint: Taint): boolean {
  return (pod.spec?.tolerations ?? []).some(
    (t) =>
      (!t.effect || t.effect === taint.effect) &&
      (!t.key || t.key === taint.key) &&
      (t.operator === 'Exists' || (t.key !== undefined && (t.value ?? '') === (taint.value ?? ''))),
  );
}

/** Whether a taint of the node with one of these effects keeps the pod away. */
export function isRepelled(pod: Pod, node: Node, effects: readonly string[]): boolean {
  const taints = node.spec?.taints ?? [];
  return taints.some((taint) => effects.includes(taint.effect) && !isTolerated(pod, taint));
}

/** Whether the pod may be placed on a node that takes no new pods. */
export function toleratesUnschedulable(pod: Pod): boolean {
  return isTolerated(pod, UNSCHEDULABLE);
}
