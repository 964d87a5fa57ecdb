import type { Pod, PodDisruptionBudget } from '../../kinds/types.ts';
import { timeOf } from '../clock.ts';
import { isDeleting, nameOf, namespaceOf, uidOf } from '../meta.ts';
import { selects } from '../workloads/claim.ts';
import { podCondition } from '../workloads/pod-facts.ts';
import { loadOf } from './node-load.ts';
import { findObstacles, unavailable } from './obstacles.ts';
import type { Obstacle, SchedulingSnapshot } from './snapshot.ts';

/** Pods that make room, or why none will. */
export type Preemption = { readonly victims: readonly Pod[] } | { readonly refusal: string };

/** Upstream's reason on pods that had to make room. */
export const PREEMPTION_REASON = 'PreemptionByScheduler';

export const priorityOf = ({ spec }: Pod): number => spec?.priority ?? 0;

/** Which of the lower ones go so that the pod fits: as few and as unimportant as will do. Pure; `DefaultPreemption`. */
export function planPreemption(pod: Pod, snapshot: SchedulingSnapshot, obstacles: readonly Obstacle[]): Preemption {
  if (pod.spec?.preemptionPolicy === 'Never') return { refusal: 'not eligible due to preemptionPolicy=Never.' };
  const bound = snapshot.bound();
  const lower = bound.filter((other) => priorityOf(other) < priorityOf(pod));
  const isHopeless = obstacles.some(({ resolvable }) => !resolvable);
  if (pod.status?.nominatedNodeName && !isHopeless && lower.some(isMakingRoom)) {
    return { refusal: 'not eligible due to a terminating pod on the nominated node.' };
  }
  if (isHopeless) return { refusal: unavailable([{ reason: 'Preemption is not helpful for scheduling' }]) };
  if (lower.length === 0) return { refusal: unavailable([{ reason: 'No preemption victims found for incoming pod' }]) };
  const others = bound.filter((other) => !lower.includes(other));
  const left = findObstacles(pod, withPods(snapshot, others));
  if (left.length > 0) return { refusal: unavailable(left) };
  return { victims: spare(pod, withPods(snapshot, others), lower) };
}

/** As if these pods were all there are. */
function withPods(snapshot: SchedulingSnapshot, pods: readonly Pod[]): SchedulingSnapshot {
  return { ...snapshot, load: loadOf(pods), bound: () => pods };
}

function isMakingRoom(pod: Pod): boolean {
  return isDeleting(pod) && podCondition(pod, 'DisruptionTarget')?.reason === PREEMPTION_REASON;
}

/** Puts back whoever still fits: protected ones first, the most important of each first. What is left over goes. */
function spare(pod: Pod, snapshot: SchedulingSnapshot, lower: readonly Pod[]): readonly Pod[] {
  const ranked = [...lower].sort(byImportance);
  const isProtected = protectedBy(snapshot.budgets ?? [], ranked);
  const order = [...ranked.filter((one) => isProtected.has(one)), ...ranked.filter((one) => !isProtected.has(one))];
  let bound = snapshot.bound();
  const victims = order.filter((candidate) => {
    const together = [...bound, candidate];
    if (findObstacles(pod, withPods(snapshot, together)).length > 0) return true;
    bound = together;
    return false;
  });
  return victims.sort(byImportance);
}

/** `MoreImportantPod`: the higher priority, then the longer life. */
function byImportance(a: Pod, b: Pod): number {
  return priorityOf(b) - priorityOf(a) || timeOf(a.status?.startTime) - timeOf(b.status?.startTime);
}

/** Pods whose end would break a budget, `filterPodsWithPDBViolation`. */
function protectedBy(budgets: readonly PodDisruptionBudget[], pods: readonly Pod[]): ReadonlySet<Pod> {
  const left = new Map(budgets.map((budget) => [uidOf(budget), budget.status?.disruptionsAllowed ?? 0]));
  const violating = pods.filter((pod) => {
    const own = budgets.filter((budget) => isCovered(pod, budget) && !budget.status?.disruptedPods?.[nameOf(pod)]);
    const counts = own.map((budget) => {
      const count = (left.get(uidOf(budget)) ?? 0) - 1;
      left.set(uidOf(budget), count);
      return count;
    });
    return counts.some((count) => count < 0);
  });
  return new Set(violating);
}

function isCovered(pod: Pod, { metadata, spec }: PodDisruptionBudget): boolean {
  const { matchLabels = {}, matchExpressions = [] } = spec?.selector ?? {};
  const isEmpty = Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
  return !isEmpty && metadata?.namespace === namespaceOf(pod) && selects(spec?.selector, pod);
}
