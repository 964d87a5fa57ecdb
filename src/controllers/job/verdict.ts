import type { ContainerStatus, Pod } from '../../kinds/types.ts';
import { findCondition } from '../../machinery/conditions.ts';
import { formatTime } from '../../machinery/time.ts';
import { timeOf } from '../clock.ts';
import { judgeFailure } from './failure-policy.ts';
import { countIndexes } from './index-set.ts';
import { completionsOf, isFailed, isIndexed, isSuspended, type JobCondition } from './job-facts.ts';
import type { JobView } from './job-view.ts';
import { metSuccessPolicy } from './success-policy.ts';

/** How a Job ends: the interim condition that says so before its pods have gone. */
export interface Verdict {
  readonly type: 'SuccessCriteriaMet' | 'FailureTarget';
  readonly reason: string;
  readonly message: string;
}

/** A condition that has just come true. */
export function newCondition(
  { type, reason, message }: { readonly type: string; readonly reason: string; readonly message: string },
  now: number,
): JobCondition {
  const time = formatTime(now);
  return { type, status: 'True', lastProbeTime: time, lastTransitionTime: time, reason, message };
}

function recorded({ job }: JobView): Verdict | undefined {
  for (const type of ['SuccessCriteriaMet', 'FailureTarget'] as const) {
    const found = findCondition(job.status?.conditions, type);
    if (found?.status === 'True') return { type, reason: found.reason ?? '', message: found.message ?? '' };
  }
  return undefined;
}

function failure(reason: string, message: string): Verdict {
  return { type: 'FailureTarget', reason, message };
}

function byPolicy({ job, pods }: JobView): Verdict | undefined {
  for (const pod of pods) {
    if (!isFailed(pod, job)) continue;
    const { message } = judgeFailure(job.spec?.podFailurePolicy, pod);
    if (message !== undefined) return failure('PodFailurePolicy', message);
  }
  return undefined;
}

function restarts(statuses: readonly ContainerStatus[] | undefined): number {
  return (statuses ?? []).reduce((sum, status) => sum + status.restartCount, 0);
}

/** With restartPolicy OnFailure the containers' restarts count, as no pod ever fails. */
function restartsExceed({ job, pods }: JobView, limit: number): boolean {
  if (job.spec?.template.spec?.restartPolicy !== 'OnFailure') return false;
  const open = pods.filter((pod: Pod) => ['Running', 'Pending'].includes(pod.status?.phase ?? ''));
  const sum = open.reduce(
    (n, { status }) => n + restarts(status?.initContainerStatuses) + restarts(status?.containerStatuses),
    0,
  );
  return limit === 0 ? sum > 0 : sum >= limit;
}

function byLimit(view: JobView): Verdict | undefined {
  const limit = view.job.spec?.backoffLimit ?? 6;
  if (view.failed <= limit && !restartsExceed(view, limit)) return undefined;
  return failure('BackoffLimitExceeded', 'Job has reached the specified backoff limit');
}

/** Milliseconds until activeDeadlineSeconds is over; undefined where it doesn't run. */
export function untilDeadline({ job, now }: JobView): number | undefined {
  const { activeDeadlineSeconds } = job.spec ?? {};
  const { startTime } = job.status ?? {};
  if (activeDeadlineSeconds === undefined || startTime === undefined || isSuspended(job)) return undefined;
  return timeOf(startTime) + activeDeadlineSeconds * 1000 - now;
}

function byDeadline(view: JobView): Verdict | undefined {
  if ((untilDeadline(view) ?? 1) > 0) return undefined;
  return failure('DeadlineExceeded', 'Job was active longer than specified deadline');
}

function byIndexes({ job, failedIndexes, succeededIndexes }: JobView): Verdict | undefined {
  const lost = countIndexes(failedIndexes ?? []);
  if (lost === 0) return undefined;
  if (lost > (job.spec?.maxFailedIndexes ?? Number.POSITIVE_INFINITY)) {
    return failure('MaxFailedIndexesExceeded', 'Job has exceeded the specified maximal number of failed indexes');
  }
  if (lost + countIndexes(succeededIndexes) < completionsOf(job)) return undefined;
  return failure('FailedIndexes', 'Job has failed indexes');
}

function bySuccessPolicy({ job, succeededIndexes }: JobView): Verdict | undefined {
  const message = isIndexed(job) ? metSuccessPolicy(job, succeededIndexes) : undefined;
  return message === undefined ? undefined : { type: 'SuccessCriteriaMet', reason: 'SuccessPolicy', message };
}

/** Whether and how the Job ends although it may still have active pods: the first rule that says so. Pure. */
export function planVerdict(view: JobView): Verdict | undefined {
  for (const rule of [recorded, byPolicy, byLimit, byDeadline, byIndexes, bySuccessPolicy]) {
    const verdict = rule(view);
    if (verdict !== undefined) return verdict;
  }
  return undefined;
}

/** The success of a Job that has run to its end: enough pods succeeded and none is active. Pure. */
export function planCompletion({ job, succeeded, active }: JobView): Verdict | undefined {
  if (active.length > 0 || succeeded < (job.spec?.completions ?? 1)) return undefined;
  const message = 'Reached expected number of succeeded pods';
  return { type: 'SuccessCriteriaMet', reason: 'CompletionsReached', message };
}
