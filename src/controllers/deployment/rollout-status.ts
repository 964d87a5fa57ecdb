import type { Deployment, DeploymentCondition, ReplicaSet } from '../../kinds/types.ts';
import { formatTime } from '../../machinery/time.ts';
import { timeOf } from '../clock.ts';
import { nameOf } from '../meta.ts';
import { fenceposts, replicasOf, totalAvailable, totalReplicas } from './rollout-facts.ts';
import type { Rollout } from './scaling-plan.ts';

type Status = NonNullable<Deployment['status']>;
type Finding = Pick<DeploymentCondition, 'type' | 'status' | 'reason' | 'message'>;
type Conditions = readonly DeploymentCondition[];

/** Largest deadline: it means that there is none. */
const NO_DEADLINE = 2_147_483_647;

/** The condition of a type. */
export function conditionOf(conditions: Conditions | undefined, type: string): DeploymentCondition | undefined {
  return conditions?.find((c) => c.type === type);
}

/** Sets a condition; one of equal status and reason stays as it is, one of equal status keeps its transition time. */
export function setCondition(conditions: Conditions, finding: Finding, now: number): Conditions {
  const before = conditionOf(conditions, finding.type);
  if (before?.status === finding.status && before.reason === finding.reason) return conditions;
  const time = formatTime(now);
  const lastTransitionTime = before?.status === finding.status ? before.lastTransitionTime : time;
  return [...without(conditions, finding.type), { ...finding, lastUpdateTime: time, lastTransitionTime }];
}

function without(conditions: Conditions, type: string): Conditions {
  return conditions.filter((c) => c.type !== type);
}

function actual(
  replicaSets: readonly ReplicaSet[],
  field: 'replicas' | 'readyReplicas' | 'terminatingReplicas',
): number {
  return replicaSets.reduce((sum, rs) => sum + (rs.status?.[field] ?? 0), 0);
}

function availability(deployment: Deployment, available: number): Finding {
  const enough = available >= replicasOf(deployment) - fenceposts(deployment).unavailable;
  return {
    type: 'Available',
    status: enough ? 'True' : 'False',
    reason: enough ? 'MinimumReplicasAvailable' : 'MinimumReplicasUnavailable',
    message: enough ? 'Deployment has minimum availability.' : 'Deployment does not have minimum availability.',
  };
}

/** The numbers of a Deployment's status and its Available condition. Pure. */
export function countReplicas({ deployment, current, old }: Rollout, now: number): Status {
  const everything = current === undefined ? old : [...old, current];
  const available = totalAvailable(everything);
  return {
    observedGeneration: deployment.metadata?.generation,
    replicas: actual(everything, 'replicas') || undefined,
    updatedReplicas: actual(current === undefined ? [] : [current], 'replicas') || undefined,
    readyReplicas: actual(everything, 'readyReplicas') || undefined,
    availableReplicas: available || undefined,
    unavailableReplicas: Math.max(0, totalReplicas(everything) - available) || undefined,
    terminatingReplicas: actual(everything, 'terminatingReplicas'),
    collisionCount: deployment.status?.collisionCount,
    conditions: setCondition(deployment.status?.conditions ?? [], availability(deployment, available), now),
  };
}

/** Whether every pod is of the current template and available. */
export function isComplete(deployment: Deployment, status: Status): boolean {
  const wanted = replicasOf(deployment);
  return (
    (status.updatedReplicas ?? 0) === wanted &&
    (status.replicas ?? 0) === wanted &&
    (status.availableReplicas ?? 0) === wanted &&
    (status.observedGeneration ?? 0) >= (deployment.metadata?.generation ?? 0)
  );
}

function hasProgressed(before: Status | undefined, now: Status): boolean {
  const of = (
    status: Status | undefined,
    field: 'replicas' | 'updatedReplicas' | 'readyReplicas' | 'availableReplicas',
  ) => status?.[field] ?? 0;
  const oldOnes = (status: Status | undefined): number => of(status, 'replicas') - of(status, 'updatedReplicas');
  return (
    of(now, 'updatedReplicas') > of(before, 'updatedReplicas') ||
    oldOnes(now) < oldOnes(before) ||
    of(now, 'readyReplicas') > of(before, 'readyReplicas') ||
    of(now, 'availableReplicas') > of(before, 'availableReplicas')
  );
}

/** Whether the Deployment has a progress deadline. */
export function hasDeadline(deployment: Deployment): boolean {
  return (deployment.spec?.progressDeadlineSeconds ?? NO_DEADLINE) !== NO_DEADLINE;
}

function deadlineOf(deployment: Deployment, condition: DeploymentCondition): number {
  return timeOf(condition.lastUpdateTime) + (deployment.spec?.progressDeadlineSeconds ?? NO_DEADLINE) * 1000;
}

function isTimedOut(deployment: Deployment, condition: DeploymentCondition | undefined, now: number): boolean {
  if (condition === undefined || condition.reason === 'NewReplicaSetAvailable') return false;
  return condition.reason === 'ProgressDeadlineExceeded' || deadlineOf(deployment, condition) < now;
}

function progress({ deployment, current }: Rollout, status: Status, now: number): Finding | undefined {
  const subject = current === undefined ? `Deployment "${nameOf(deployment)}"` : `ReplicaSet "${nameOf(current)}"`;
  const type = 'Progressing';
  if (isComplete(deployment, status)) {
    const message = `${subject} has successfully progressed.`;
    return { type, status: 'True', reason: 'NewReplicaSetAvailable', message };
  }
  if (hasProgressed(deployment.status, status)) {
    return { type, status: 'True', reason: 'ReplicaSetUpdated', message: `${subject} is progressing.` };
  }
  if (!isTimedOut(deployment, conditionOf(status.conditions, type), now)) return undefined;
  return {
    type,
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: `${subject} has timed out progressing.`,
  };
}

/** Progress restarts the deadline's clock even when the reason stays: the update time moves. */
function setProgress(conditions: Conditions, finding: Finding, now: number): Conditions {
  if (finding.reason !== 'ReplicaSetUpdated') return setCondition(conditions, finding, now);
  const before = conditionOf(conditions, 'Progressing');
  const time = formatTime(now);
  const lastTransitionTime = before?.status === 'True' ? before.lastTransitionTime : time;
  return [...without(conditions, 'Progressing'), { ...finding, lastUpdateTime: time, lastTransitionTime }];
}

function replicaFailure({ current, old }: Rollout): DeploymentCondition | undefined {
  for (const rs of current === undefined ? old : [current, ...old]) {
    const found = rs.status?.conditions?.find((c) => c.type === 'ReplicaFailure');
    if (found === undefined) continue;
    const { type, status, reason, message, lastTransitionTime } = found;
    return { type, status, reason, message, lastTransitionTime, lastUpdateTime: lastTransitionTime };
  }
  return undefined;
}

function withFailure(conditions: Conditions, failure: DeploymentCondition | undefined): Conditions {
  if (failure === undefined) return without(conditions, 'ReplicaFailure');
  const before = conditionOf(conditions, 'ReplicaFailure');
  if (before?.status === failure.status && before.reason === failure.reason) return conditions;
  return [...without(conditions, 'ReplicaFailure'), failure];
}

/** The status during a rollout: numbers, Available, Progressing and ReplicaFailure. Pure. */
export function rolloutStatus(rollout: Rollout, now: number): Status {
  const { deployment } = rollout;
  const counted = countReplicas(rollout, now);
  let conditions = counted.conditions ?? [];
  if (!hasDeadline(deployment)) conditions = without(conditions, 'Progressing');
  const before = conditionOf(deployment.status?.conditions, 'Progressing');
  const settled =
    (counted.replicas ?? 0) === (counted.updatedReplicas ?? 0) && before?.reason === 'NewReplicaSetAvailable';
  const finding = hasDeadline(deployment) && !settled ? progress(rollout, counted, now) : undefined;
  if (finding !== undefined) conditions = setProgress(conditions, finding, now);
  return { ...counted, conditions: withFailure(conditions, replicaFailure(rollout)) };
}

/** Milliseconds until the progress deadline has to be looked at; undefined when it hasn't. */
export function untilDeadline(deployment: Deployment, status: Status, now: number): number | undefined {
  const condition = conditionOf(status.conditions, 'Progressing');
  if (!hasDeadline(deployment) || condition === undefined || isComplete(deployment, status)) return undefined;
  if (condition.reason === 'ProgressDeadlineExceeded') return undefined;
  return Math.max(0, deadlineOf(deployment, condition) - now) + 1000;
}

/** The Progressing finding that pausing or resuming makes; undefined when nothing changed. */
export function pauseFinding(deployment: Deployment): Finding | undefined {
  const before = conditionOf(deployment.status?.conditions, 'Progressing');
  if (!hasDeadline(deployment) || before?.reason === 'ProgressDeadlineExceeded') return undefined;
  const paused = deployment.spec?.paused === true;
  if (paused === (before?.reason === 'DeploymentPaused')) return undefined;
  const [reason, message] = paused
    ? ['DeploymentPaused', 'Deployment is paused']
    : ['DeploymentResumed', 'Deployment is resumed'];
  return { type: 'Progressing', status: 'Unknown', reason, message };
}
