import type { CronJob, Job } from '../../kinds/types.ts';
import { findCondition } from '../../machinery/conditions.ts';
import { timeOf } from '../clock.ts';
import type { Happening } from '../events.ts';
import { isJobFinished } from '../job/job-facts.ts';
import { nameOf, namespaceOf, uidOf } from '../meta.ts';

/** A CronJob's status. */
export type CronJobStatus = NonNullable<CronJob['status']>;
type Reference = NonNullable<CronJobStatus['active']>[number];

/** Something to tell of the CronJob. */
export type Told = Pick<Happening, 'type' | 'reason' | 'message'>;

/** The status after a look at the Jobs that there are, and what to tell. */
export interface ActiveJobs {
  readonly status: CronJobStatus;
  readonly told: readonly Told[];
}

/** A reference to a Job that has just been made. */
export function referenceTo(job: Job): Reference {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    namespace: namespaceOf(job),
    name: nameOf(job),
    uid: uidOf(job),
    resourceVersion: job.metadata?.resourceVersion,
  };
}

function hasSucceeded(job: Job): boolean {
  return findCondition(job.status?.conditions, 'Complete')?.status === 'True';
}

function lastSuccess(status: CronJobStatus, jobs: readonly Job[]): string | undefined {
  const ends = [status.lastSuccessfulTime, ...jobs.filter(hasSucceeded).map((job) => job.status?.completionTime)];
  return ends.reduce((latest, end) => (timeOf(end) > timeOf(latest) ? end : latest), undefined);
}

function told(active: readonly Reference[], jobs: readonly Job[]): readonly Told[] {
  const isListed = (job: Job): boolean => active.some(({ uid }) => uid === uidOf(job));
  const forgotten = jobs.filter((job) => !isListed(job) && !isJobFinished(job));
  const ended = jobs.filter((job) => isListed(job) && isJobFinished(job));
  const missing = active.filter(({ uid }) => !jobs.some((job) => uidOf(job) === uid));
  return [
    ...forgotten.map((job): Told => {
      const message = `Saw a job that the controller did not create or forgot: ${nameOf(job)}`;
      return { type: 'Warning', reason: 'UnexpectedJob', message };
    }),
    ...ended.map((job): Told => {
      const condition = hasSucceeded(job) ? 'Complete' : 'Failed';
      const message = `Saw completed job: ${nameOf(job)}, condition: ${condition}`;
      return { type: 'Normal', reason: 'SawCompletedJob', message };
    }),
    ...missing.map(({ name }): Told => {
      return { type: 'Normal', reason: 'MissingJob', message: `Active job went missing: ${name}` };
    }),
  ];
}

/** Brings the list of active Jobs in line with the CronJob's Jobs as they are. Pure. */
export function reviewActive(cronJob: CronJob, jobs: readonly Job[]): ActiveJobs {
  const { active = [], ...status } = cronJob.status ?? {};
  const runs = ({ uid }: Reference): boolean => jobs.some((job) => uidOf(job) === uid && !isJobFinished(job));
  const running = active.filter(runs);
  return {
    status: {
      ...status,
      active: running.length > 0 ? running : undefined,
      lastSuccessfulTime: lastSuccess(status, jobs),
    },
    told: told(active, jobs),
  };
}

function byStart(a: Job, b: Job): number {
  const [x, y] = [timeOf(a.status?.startTime), timeOf(b.status?.startTime)];
  if (x !== y) return (x || Number.POSITIVE_INFINITY) - (y || Number.POSITIVE_INFINITY);
  return nameOf(a) < nameOf(b) ? -1 : 1;
}

/** The ended Jobs beyond the history limits, oldest first. Pure. */
export function surplusJobs(cronJob: CronJob, jobs: readonly Job[]): readonly Job[] {
  const { successfulJobsHistoryLimit, failedJobsHistoryLimit } = cronJob.spec ?? {};
  const beyond = (ended: readonly Job[], limit: number | undefined): readonly Job[] =>
    limit === undefined ? [] : [...ended].sort(byStart).slice(0, Math.max(0, ended.length - limit));
  const ended = jobs.filter(isJobFinished);
  return [
    ...beyond(ended.filter(hasSucceeded), successfulJobsHistoryLimit),
    ...beyond(
      ended.filter((job) => !hasSucceeded(job)),
      failedJobsHistoryLimit,
    ),
  ];
}
