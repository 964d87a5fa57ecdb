import type { Node, Pod } from '../../kinds/types.ts';

type Taint = NonNullable<NonNullable<Node['spec']>['taints']>[number];
/** What the node's `spec.unschedulable` amounts to. */
const UNSCHEDULABLE: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' };

type Toleration = NonNullable<NonNullable<Pod['spec']>['tolerations']>[number];

/** The first toleration of the pod that is for this taint. */
function tolerationOf(pod: Pod, taint: Taint): Toleration | undefined {
  return (pod.spec?.tolerations ?? []).find(
    (t) =>
      (!t.effect || t.effect === taint.effect) &&
      (!t.key || t.key === taint.key) &&
      (t.operator === 'Exists' || (t.key !== undefined && (t.value ?? '') === (taint.value ?? ''))),
  );
}

function isTolerated(pod: Pod, taint: Taint): boolean {
  return tolerationOf(pod, taint) !== undefined;
}

/**
 * For how many seconds the pod may stay on the node as it is tainted now: 0 when it has to go at once, infinite when
 * nothing sends it away, undefined when there is nothing to tolerate.
 */
export function secondsTolerated(pod: Pod, node: Node): number | undefined {
  const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect === 'NoExecute');
  if (taints.length === 0) return undefined;
  const used = taints.map((taint) => tolerationOf(pod, taint));
  const seconds = used.map((one) => (one === undefined ? 0 : (one.tolerationSeconds ?? Number.POSITIVE_INFINITY)));
  return Math.max(0, Math.min(...seconds));
}

/** Whether a taint of the node with one of these effects keeps the pod away. */
export function isRepelled(pod: Pod, node: Node, effects: readonly string[]): boolean {
  const taints = node.spec?.taints ?? [];
  return taints.some((taint) => effects.includes(taint.effect) && !isTolerated(pod, taint));
}

/** Whether the pod may be placed on a node with this taint of effect NoSchedule. */
export function toleratesNoSchedule(pod: Pod, key: string): boolean {
  return isTolerated(pod, { key, effect: 'NoSchedule' });
}

/** Whether the pod may be placed on a node that takes no new pods. */
export function toleratesUnschedulable(pod: Pod): boolean {
  return isTolerated(pod, UNSCHEDULABLE);
}
