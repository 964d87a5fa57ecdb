import type { Pod, PodDisruptionBudget } from '../../kinds/types.ts';
import { setCondition } from '../../machinery/conditions.ts';
import { type IntOrString, scaledValue } from '../../machinery/int-or-string.ts';
import { formatTime } from '../../machinery/time.ts';
import { timeOf } from '../clock.ts';
import { isDeleting, nameOf } from '../meta.ts';
import { isPodReady } from '../workloads/pod-facts.ts';

/** A budget's status. */
export type BudgetStatus = NonNullable<PodDisruptionBudget['status']>;

/** How long an evicted pod may stay before it counts as staying for good. */
const DELETION_TIMEOUT_MS = 120_000;

/** The pods of a budget and how many their controllers want. */
export interface BudgetView {
  readonly budget: PodDisruptionBudget;
  readonly pods: readonly Pod[];
  /** Sum of the replicas that the pods' controllers ask for. */
  readonly expectedScale: number;
  /** ms since the epoch. */
  readonly now: number;
}

/** The status, when an eviction that nothing came of is forgotten, and the pods that were forgotten now. */
export interface BudgetPlan {
  readonly status: BudgetStatus;
  readonly nextMs: number | undefined;
  readonly notDeleted: readonly Pod[];
}

/** Whether the budget is counted against what the pods' controllers want, not the pods that there are. */
export function needsScale({ spec }: PodDisruptionBudget): boolean {
  return spec?.maxUnavailable !== undefined || typeof spec?.minAvailable === 'string';
}

function scaled(value: IntOrString, total: number): number {
  const result = scaledValue(value, total, 'up');
  return result.ok ? result.value : 0;
}

interface Wanted {
  readonly expectedPods: number;
  readonly desiredHealthy: number;
}

function wanted({ budget, pods, expectedScale }: BudgetView): Wanted {
  const { minAvailable, maxUnavailable } = budget.spec ?? {};
  const expectedPods = needsScale(budget) ? expectedScale : pods.length;
  if (maxUnavailable !== undefined) {
    return { expectedPods, desiredHealthy: Math.max(0, expectedPods - scaled(maxUnavailable, expectedPods)) };
  }
  return { expectedPods, desiredHealthy: minAvailable === undefined ? 0 : scaled(minAvailable, expectedPods) };
}

/** The status with its DisruptionAllowed condition in line with the number. */
export function withAllowedCondition(status: BudgetStatus, generation: number | undefined, now: number): BudgetStatus {
  const allowed = (status.disruptionsAllowed ?? 0) > 0;
  const condition = {
    type: 'DisruptionAllowed',
    status: allowed ? 'True' : 'False',
    reason: allowed ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    observedGeneration: generation,
    lastTransitionTime: formatTime(now),
  };
  return { ...status, conditions: setCondition(status.conditions, condition, formatTime(now)) };
}

/** The status of a budget from its pods. Evicted pods that still run don't count as healthy. Pure. */
export function planBudget(view: BudgetView): BudgetPlan {
  const { budget, pods, now } = view;
  const evicted = budget.status?.disruptedPods ?? {};
  const pending = pods.filter((pod) => !isDeleting(pod) && evicted[nameOf(pod)] !== undefined);
  const left = (pod: Pod): number => timeOf(evicted[nameOf(pod)]) + DELETION_TIMEOUT_MS - now;
  const waiting = pending.filter((pod) => left(pod) > 0);
  const healthy = pods.filter((pod) => !isDeleting(pod) && !waiting.includes(pod) && isPodReady(pod));
  const { expectedPods, desiredHealthy } = wanted(view);
  const disruptedPods = Object.fromEntries(waiting.map((pod) => [nameOf(pod), evicted[nameOf(pod)] ?? '']));
  const status: BudgetStatus = {
    ...budget.status,
    currentHealthy: healthy.length,
    desiredHealthy,
    expectedPods,
    disruptionsAllowed: expectedPods > 0 ? Math.max(0, healthy.length - desiredHealthy) : 0,
    disruptedPods: waiting.length > 0 ? disruptedPods : undefined,
    observedGeneration: budget.metadata?.generation,
  };
  return {
    status: withAllowedCondition(status, budget.metadata?.generation, now),
    nextMs: waiting.length > 0 ? Math.min(...waiting.map(left)) : undefined,
    notDeleted: pending.filter((pod) => !waiting.includes(pod)),
  };
}

/** The status of a budget that can't be counted: nothing is allowed. Pure. */
export function failedBudget(budget: PodDisruptionBudget, message: string, now: number): BudgetStatus {
  const condition = {
    type: 'DisruptionAllowed',
    status: 'False',
    reason: 'SyncFailed',
    message,
    observedGeneration: budget.status?.observedGeneration,
    lastTransitionTime: formatTime(now),
  };
  const none = { currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 };
  const conditions = setCondition(budget.status?.conditions, condition, formatTime(now));
  return { ...none, ...budget.status, disruptionsAllowed: 0, conditions };
}
