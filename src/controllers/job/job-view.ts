import type { Job, Pod } from '../../kinds/types.ts';
import { isPodActive } from '../workloads/pod-facts.ts';
import { finishedAt } from './back-off.ts';
import { countsAsFailure, judgeFailure } from './failure-policy.ts';
import { countIndexes, hasIndex, type IndexSet, parseIndexes, withIndexes } from './index-set.ts';
import {
  completionIndexOf,
  completionsOf,
  hasValidIndex,
  ignoredIndexFailuresOf,
  indexFailuresOf,
  isFailed,
  isIndexed,
  isPodTerminating,
  isTracked,
  limitsPerIndex,
} from './job-facts.ts';

/** Uids of pods that have ended and whose finalizers go before they are counted. */
export interface Uncounted {
  readonly succeeded: readonly string[];
  readonly failed: readonly string[];
}

/** One Job and its pods at one moment, counted. */
export interface JobView {
  readonly job: Job;
  readonly pods: readonly Pod[];
  /** ms since the epoch. */
  readonly now: number;
  readonly active: readonly Pod[];
  /** On their way out, not ended yet. */
  readonly terminating: readonly Pod[];
  /** With those that the status hasn't counted yet. */
  readonly succeeded: number;
  readonly failed: number;
  /** Of Indexed Jobs: done according to the status, and with the pods of now. */
  readonly countedIndexes: IndexSet;
  readonly succeededIndexes: IndexSet;
  /** With backoffLimitPerIndex only. */
  readonly failedIndexes: IndexSet | undefined;
  /** By index: the last failed pod, kept until its replacement has inherited its count. */
  readonly awaitingReplacement: ReadonlyMap<number, Pod>;
}

/** The status's uncounted pods. */
export function uncountedOf(job: Job): Uncounted {
  const { succeeded = [], failed = [] } = job.status?.uncountedTerminatedPods ?? {};
  return { succeeded, failed };
}

function notCountedYet(job: Job, pods: readonly Pod[], uncounted: readonly string[]): readonly Pod[] {
  return pods.filter(
    (pod) => isTracked(pod) && !uncounted.includes(pod.metadata?.uid ?? '') && hasValidIndex(pod, job),
  );
}

/** The indexes of pods. */
export function indexesOf(pods: readonly Pod[]): readonly number[] {
  return pods.map(completionIndexOf).filter((index) => index !== undefined);
}

function isIndexLost(pod: Pod, job: Job): boolean {
  if (!isFailed(pod, job)) return false;
  const { action } = judgeFailure(job.spec?.podFailurePolicy, pod);
  if (action === 'FailIndex') return true;
  return action !== 'Ignore' && indexFailuresOf(pod) >= (job.spec?.backoffLimitPerIndex ?? 0);
}

function lostIndexes(job: Job, pods: readonly Pod[]): IndexSet {
  const lost = pods.filter((pod) => isTracked(pod) && hasValidIndex(pod, job) && isIndexLost(pod, job));
  return withIndexes(parseIndexes(job.status?.failedIndexes, completionsOf(job)), indexesOf(lost));
}

function isLater(pod: Pod, other: Pod): boolean {
  const failures = (p: Pod): number => indexFailuresOf(p) + ignoredIndexFailuresOf(p);
  return failures(pod) >= failures(other) && finishedAt(pod) >= finishedAt(other);
}

function lastFailures(job: Job, pods: readonly Pod[], settled: IndexSet): ReadonlyMap<number, Pod> {
  const last = new Map<number, Pod>();
  for (const pod of pods) {
    const index = completionIndexOf(pod);
    if (index === undefined || !isTracked(pod) || !hasValidIndex(pod, job) || !isFailed(pod, job)) continue;
    if (hasIndex(settled, index)) continue;
    const other = last.get(index);
    if (other === undefined || isLater(pod, other)) last.set(index, pod);
  }
  return last;
}

function indexView(
  job: Job,
  pods: readonly Pod[],
): Pick<JobView, 'countedIndexes' | 'succeededIndexes' | 'failedIndexes' | 'awaitingReplacement'> {
  const countedIndexes = parseIndexes(job.status?.completedIndexes, completionsOf(job));
  const done = pods.filter((pod) => pod.status?.phase === 'Succeeded' && isTracked(pod) && hasValidIndex(pod, job));
  const succeededIndexes = withIndexes(countedIndexes, indexesOf(done));
  if (!limitsPerIndex(job)) {
    return { countedIndexes, succeededIndexes, failedIndexes: undefined, awaitingReplacement: new Map() };
  }
  const failedIndexes = lostIndexes(job, pods);
  const settled = withIndexes([...succeededIndexes, ...failedIndexes], indexesOf(pods.filter(isPodActive)));
  return { countedIndexes, succeededIndexes, failedIndexes, awaitingReplacement: lastFailures(job, pods, settled) };
}

const NO_INDEXES = {
  countedIndexes: [],
  succeededIndexes: [],
  failedIndexes: undefined,
  awaitingReplacement: new Map<number, Pod>(),
};

/** Counts the pods that a Job owns. Pure. */
export function viewJob(job: Job, pods: readonly Pod[], now: number): JobView {
  const uncounted = uncountedOf(job);
  const newlySucceeded = notCountedYet(job, pods, uncounted.succeeded).filter((p) => p.status?.phase === 'Succeeded');
  const newlyFailed = notCountedYet(job, pods, uncounted.failed).filter((p) => isFailed(p, job));
  const indexes = isIndexed(job) ? indexView(job, pods) : NO_INDEXES;
  const succeeded = (job.status?.succeeded ?? 0) + newlySucceeded.length + uncounted.succeeded.length;
  const counted = newlyFailed.filter((pod) => countsAsFailure(job, pod));
  return {
    job,
    pods,
    now,
    active: pods.filter(isPodActive),
    terminating: pods.filter(isPodTerminating),
    succeeded: isIndexed(job) ? countIndexes(indexes.succeededIndexes) : succeeded,
    failed: (job.status?.failed ?? 0) + counted.length + uncounted.failed.length,
    ...indexes,
  };
}
