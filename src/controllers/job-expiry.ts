import type { Job } from '../kinds/types.ts';
import { type Clock, timeOf } from './clock.ts';
import type { Controller } from './controller.ts';
import { createMeasures, type Measures } from './measures.ts';
import { isDeleting, objectKey, splitKey } from './meta.ts';
import type { Resources } from './resources.ts';

/** Milliseconds until the ended Job's ttlSecondsAfterFinished is over; undefined where it never is. Pure. */
export function untilExpiry(job: Job, now: number): number | undefined {
  const ttl = job.spec?.ttlSecondsAfterFinished;
  const end = job.status?.conditions?.find((c) => ['Complete', 'Failed'].includes(c.type) && c.status === 'True');
  if (ttl === undefined || end === undefined || isDeleting(job)) return undefined;
  return timeOf(end.lastTransitionTime) + ttl * 1000 - now;
}

/** Deletes Jobs that ended long enough ago, and their pods with them. */
export function jobExpiry({
  resources,
  clock,
  measures = createMeasures(),
}: {
  readonly resources: Resources;
  readonly clock: Clock;
  readonly measures?: Measures;
}): Controller {
  return {
    name: 'job-expiry',
    inputs: [{ resource: 'batch/jobs', keys: (change) => [objectKey(change.entry.object)] }],
    outputs: [{ what: 'batch/jobs that have expired', mode: 'exclusive' }],
    reconcile: async (key) => {
      const { namespace, name } = splitKey(key);
      const job = resources.jobs.find(namespace, name);
      const afterMs = job && untilExpiry(job, clock.now());
      if (job === undefined || afterMs === undefined) return undefined;
      if (afterMs > 0) return { afterMs };
      await resources.jobs.delete(job, { propagationPolicy: 'Foreground' });
      measures.observe('ttl_after_finished_controller_job_deletion_duration_seconds', -afterMs / 1000);
      return undefined;
    },
  };
}
