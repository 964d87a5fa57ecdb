import type { Pod } from '../../kinds/types.ts';
import { timeOf } from '../clock.ts';
import { isPodReady, maxRestarts, podCondition } from './pod-facts.ts';

const PHASE_RANK: { readonly [phase: string]: number } = { Pending: 0, Unknown: 1, Running: 2 };
const DELETION_COST = 'controller.kubernetes.io/pod-deletion-cost';

function cost(pod: Pod): number {
  const value = Number(pod.metadata?.annotations?.[DELETION_COST] ?? 0);
  return Number.isInteger(value) ? value : 0;
}

/** Young pods go first; a time that is missing counts as young. */
function age(time: string | undefined): number {
  const ms = timeOf(time);
  return ms === 0 ? Number.NEGATIVE_INFINITY : -ms;
}

/** What decides, most important first; the smaller value is deleted first. */
const CRITERIA: readonly ((pod: Pod) => number)[] = [
  (pod) => (pod.spec?.nodeName ? 1 : 0),
  (pod) => PHASE_RANK[pod.status?.phase ?? 'Pending'] ?? 1,
  (pod) => (isPodReady(pod) ? 1 : 0),
  cost,
  (pod) => (isPodReady(pod) ? age(podCondition(pod, 'Ready')?.lastTransitionTime) : 0),
  (pod) => -maxRestarts(pod),
  (pod) => age(pod.metadata?.creationTimestamp),
];

/** Pods in the order in which scaling down deletes them, as upstream's ActivePodsWithRanks on one node. */
export function inDeletionOrder(pods: readonly Pod[]): readonly Pod[] {
  return [...pods].sort((a, b) => {
    for (const criterion of CRITERIA) {
      const [x, y] = [criterion(a), criterion(b)];
      if (x !== y) return x - y;
    }
    return 0;
  });
}
