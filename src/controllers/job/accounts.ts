import type { Pod } from '../../kinds/types.ts';
import { findCondition } from '../../machinery/conditions.ts';
import { formatTime } from '../../machinery/time.ts';
import { isDeleting, uidOf } from '../meta.ts';
import { isPodReady } from '../workloads/pod-facts.ts';
import { countsAsFailure } from './failure-policy.ts';
import { countIndexes, formatIndexes, hasIndex, withIndexes } from './index-set.ts';
import { completionIndexOf, hasValidIndex, isFailed, isIndexed, isTracked, type JobStatus } from './job-facts.ts';
import { type JobView, type Uncounted, uncountedOf } from './job-view.ts';
import { newCondition, type Verdict } from './verdict.ts';

/** Most uids that a status lists: bounds its size. */
const MAX_UNCOUNTED = 500;

/**
 * A step of the books, so written that a crash anywhere neither loses nor doubles a pod: uids go into the status
 * first, then the finalizers of those pods go, then uids without a finalizer become numbers.
 */
export interface AccountsPlan {
  /** To be written before any finalizer goes. */
  readonly status: JobStatus;
  /** Pods whose finalizers go next. */
  readonly release: readonly Pod[];
  /** Failed pods that are entered now, also those that don't count. */
  readonly losses: readonly Pod[];
  /** Whether more ended pods are left for the next pass. */
  readonly partial: boolean;
}

function mayRelease(pod: Pod, { job, awaitingReplacement }: JobView, verdict: Verdict | undefined): boolean {
  if (isDeleting(job) || verdict !== undefined || pod.status?.phase === 'Succeeded') return true;
  if (!isFailed(pod, job)) return false;
  const index = completionIndexOf(pod);
  return index === undefined || uidOf(awaitingReplacement.get(index) ?? {}) !== uidOf(pod);
}

/** Whether the pod is a failure: of a failed Job every pod that hasn't succeeded, of a succeeded one only ended ones. */
function isLoss(pod: Pod, { job }: JobView, verdict: Verdict | undefined): boolean {
  if (verdict?.type === 'FailureTarget') return true;
  if (verdict?.type === 'SuccessCriteriaMet') return pod.status?.phase === 'Failed';
  return isFailed(pod, job);
}

interface Tally {
  readonly succeeded: string[];
  readonly failed: string[];
  readonly indexes: Set<number>;
  readonly losses: Pod[];
}

function size({ succeeded, failed, indexes }: Tally): number {
  return succeeded.length + failed.length + indexes.size;
}

/** As the status lists uids: empty lists are left out. */
function listed({ succeeded, failed }: Uncounted): NonNullable<JobStatus['uncountedTerminatedPods']> {
  return { ...(succeeded.length > 0 ? { succeeded } : {}), ...(failed.length > 0 ? { failed } : {}) };
}

function enter(pod: Pod, view: JobView, { tally, verdict }: { tally: Tally; verdict: Verdict | undefined }): void {
  const { job } = view;
  const uid = uidOf(pod);
  const index = completionIndexOf(pod);
  if (!hasValidIndex(pod, job)) return;
  if (pod.status?.phase === 'Succeeded' && !tally.failed.includes(uid)) {
    if (!isIndexed(job)) tally.succeeded.push(uid);
    else if (index !== undefined && !hasIndex(view.countedIndexes, index)) tally.indexes.add(index);
  } else if (isLoss(pod, view, verdict)) {
    tally.losses.push(pod);
    if (countsAsFailure(job, pod)) tally.failed.push(uid);
  }
}

function indexStatus(view: JobView, done: Iterable<number>): Partial<JobStatus> {
  if (!isIndexed(view.job)) return {};
  const indexes = withIndexes(view.countedIndexes, done);
  return {
    succeeded: countIndexes(indexes) || undefined,
    completedIndexes: formatIndexes(indexes) || undefined,
    failedIndexes: view.failedIndexes && formatIndexes(view.failedIndexes),
  };
}

/** The numbers that are counted anew in every pass. */
function presentNumbers({ active, terminating }: JobView): Partial<JobStatus> {
  return {
    active: active.length || undefined,
    ready: active.filter(isPodReady).length,
    terminating: terminating.length,
  };
}

/** The status with the verdict's interim condition, where it isn't there yet. */
export function withVerdict(status: JobStatus, verdict: Verdict | undefined, now: number): JobStatus {
  if (verdict === undefined || findCondition(status.conditions, verdict.type)) return status;
  return { ...status, conditions: [...(status.conditions ?? []), newCondition(verdict, now)] };
}

/** Turns uids of pods that no longer hold a finalizer into numbers. Pure. */
export function settle(view: JobView, status: JobStatus): JobStatus {
  const { succeeded, failed } = uncountedOf({ ...view.job, status });
  const held = new Set(view.pods.filter(isTracked).map(uidOf));
  const stays = (uid: string): boolean => held.has(uid);
  const open = { succeeded: succeeded.filter(stays), failed: failed.filter(stays) };
  const won = (status.succeeded ?? 0) + succeeded.length - open.succeeded.length;
  const lost = (status.failed ?? 0) + failed.length - open.failed.length;
  return { ...status, succeeded: won || undefined, failed: lost || undefined, uncountedTerminatedPods: listed(open) };
}

/** Enters the pods that have ended into the status. Pure. */
export function planAccounts(view: JobView, verdict: Verdict | undefined): AccountsPlan {
  const settled = settle(view, view.job.status ?? {});
  const known = uncountedOf({ ...view.job, status: settled });
  const tally: Tally = {
    succeeded: [...known.succeeded],
    failed: [...known.failed],
    indexes: new Set<number>(),
    losses: [],
  };
  const release: Pod[] = [];
  const candidates = view.pods.filter((pod) => isTracked(pod) && mayRelease(pod, view, verdict));
  const byIndex = (a: Pod, b: Pod): number => (completionIndexOf(a) ?? -1) - (completionIndexOf(b) ?? -1);
  for (const pod of isIndexed(view.job) ? candidates.sort(byIndex) : candidates) {
    const isKnown = known.succeeded.includes(uidOf(pod)) || known.failed.includes(uidOf(pod));
    if (!isKnown && size(tally) >= MAX_UNCOUNTED) continue;
    if (!isKnown) enter(pod, view, { tally, verdict });
    release.push(pod);
  }
  const uncountedTerminatedPods = listed(tally);
  const status = { ...settled, ...presentNumbers(view), uncountedTerminatedPods, ...indexStatus(view, tally.indexes) };
  return {
    status: withVerdict(status, verdict, view.now),
    release,
    losses: tally.losses,
    partial: release.length < candidates.length,
  };
}

/** The final status of an ended Job, once nothing is uncounted and no pod is on its way out; otherwise undefined. Pure. */
export function conclude(view: JobView, status: JobStatus, verdict: Verdict): JobStatus | undefined {
  const { succeeded, failed } = uncountedOf({ ...view.job, status });
  if (succeeded.length + failed.length + view.terminating.length + view.active.length > 0) return undefined;
  const type = verdict.type === 'FailureTarget' ? 'Failed' : 'Complete';
  const conditions = [...(status.conditions ?? []), newCondition({ ...verdict, type }, view.now)];
  const completionTime = type === 'Complete' ? formatTime(view.now) : undefined;
  return { ...status, ...presentNumbers(view), conditions, completionTime };
}
