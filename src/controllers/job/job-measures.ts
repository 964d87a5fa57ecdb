import type { Job, Pod } from '../../kinds/types.ts';
import type { Clock } from '../clock.ts';
import type { ObjectChange } from '../controller.ts';
import type { Measures } from '../measures.ts';
import type { Resource } from '../resources.ts';
import { isPodFinished } from '../workloads/pod-facts.ts';
import { matchingRule } from './failure-policy.ts';
import { countIndexes, parseIndexes } from './index-set.ts';
import {
  completionsOf,
  isIndexed,
  isManagedElsewhere,
  isTracked,
  type JobStatus,
  limitsPerIndex,
} from './job-facts.ts';
import type { JobView } from './job-view.ts';

/** What a look at a Job did, as upstream tells them apart. */
export type JobAction = 'reconciling' | 'tracking' | 'pods_created' | 'pods_deleted';

/** The value of `completion_mode`. */
export function modeOf(job: Job): string {
  return isIndexed(job) ? 'Indexed' : 'NonIndexed';
}

/** Counts a look and how long it took. */
export async function measuredLook<T>(
  { job, clock, measures }: { readonly job: Job; readonly clock: Clock; readonly measures: Measures },
  run: (did: (action: JobAction) => void) => Promise<T>,
): Promise<T> {
  const began = clock.elapsed();
  let action: JobAction = 'reconciling';
  let result = 'error';
  try {
    const outcome = await run((done) => {
      action = done;
    });
    result = 'success';
    return outcome;
  } finally {
    const labels = { completion_mode: modeOf(job), result, action };
    measures.observe('job_controller_job_sync_duration_seconds', (clock.elapsed() - began) / 1000, labels);
    measures.add('job_controller_job_syncs_total', labels);
  }
}

/** Counts what a new status says beyond the one before. */
export function measureStatus(measures: Measures, job: Job, [before, after]: readonly [JobStatus, JobStatus]): void {
  const pods = 'job_controller_job_pods_finished_total';
  const mode = { completion_mode: modeOf(job) };
  const gain = (of: (status: JobStatus) => number): number => of(after) - of(before);
  const indexes = (text: string | undefined): number => countIndexes(parseIndexes(text, completionsOf(job)));
  const won = gain((status) => (isIndexed(job) ? indexes(status.completedIndexes) : (status.succeeded ?? 0)));
  measures.add(pods, { ...mode, result: 'succeeded' }, won);
  measures.add(
    pods,
    { ...mode, result: 'failed' },
    gain(({ failed = 0 }) => failed),
  );
  if (!isIndexed(job)) return;
  const ended = 'job_controller_job_finished_indexes_total';
  const limit = { backoffLimit: limitsPerIndex(job) ? 'perIndex' : 'global' };
  measures.add(ended, { status: 'succeeded', ...limit }, won);
  measures.add(
    ended,
    { status: 'failed', ...limit },
    gain(({ failedIndexes }) => indexes(failedIndexes)),
  );
}

/** Counts failed pods by the rule that fits them. */
export function measureFailures(measures: Measures, job: Job, losses: readonly Pod[]): void {
  for (const pod of losses) {
    const action = matchingRule(job.spec?.podFailurePolicy, pod)?.action;
    if (action === undefined) continue;
    measures.add('job_controller_pod_failures_handled_by_failure_policy_total', { action });
  }
}

/** Counts pods that have ended as they begin and cease to wait for being counted. */
export function measureTracking(measures: Measures, { entry, previous }: ObjectChange): void {
  const pod = entry.object as Pod;
  if (!isPodFinished(pod)) return;
  const before = previous?.object as Pod | undefined;
  const was = before !== undefined && isPodFinished(before) && isTracked(before);
  const is = isTracked(pod);
  if (was === is) return;
  const event = is ? 'add' : 'delete';
  measures.add('job_controller_terminated_pods_tracking_finalizer_total', { event });
}

/** Counts a new Job that another controller runs. */
export function measureManager(measures: Measures, { type, entry }: ObjectChange): void {
  const job = entry.object as Job;
  if (type !== 'ADDED' || !isManagedElsewhere(job)) return;
  const labels = { controller_name: job.spec?.managedBy ?? '' };
  measures.add('job_controller_jobs_by_external_controller_total', labels);
}

/** Pods, of which each that is made for the Job is counted. */
export function measuredPods(measures: Measures, pods: Resource<Pod>, view: JobView): Resource<Pod> {
  const count = (status: string): void =>
    measures.add('job_controller_job_pods_creation_total', { reason: creationReason(view), status });
  return {
    ...pods,
    create: async (pod, options) => {
      try {
        const made = await pods.create(pod, options);
        count('succeeded');
        return made;
      } catch (error) {
        count('failed');
        throw error;
      }
    },
  };
}

function creationReason({ job, failed, terminating }: JobView): string {
  if (job.spec?.podReplacementPolicy === 'Failed' && failed > 0) return 'recreate_failed';
  return failed > 0 || terminating.length > 0 ? 'recreate_terminating_or_failed' : 'new';
}
