import type { CronJob, Job } from '../kinds/types.ts';
import { timeZone } from '../machinery/cron/time-zone.ts';
import { semanticEqual } from '../machinery/deep.ts';
import { formatTime } from '../machinery/time.ts';
import type { Controller, ObjectChange, Requeue } from './controller.ts';
import { type CronJobStatus, referenceTo, surplusJobs } from './cron-job/active-jobs.ts';
import { CRON_JOB_TYPE, type CronPlan, planCronJob } from './cron-job/cron-plan.ts';
import { controllerOf, isControlledBy, nameOf, namespaceOf, objectKey, splitKey, uidOf } from './meta.ts';
import { isStatus } from './resources.ts';
import { errorText, isNamespaceTerminating, tell } from './workloads/pod-control.ts';
import type { ReplicasOptions } from './workloads/replicas.ts';

/** Added to the wait for a run, so that its time has surely come. */
const MARGIN_MS = 100;

interface Pass extends ReplicasOptions {
  readonly cronJob: CronJob;
  readonly about: Parameters<typeof tell>[0];
}

/** Deletes a Job with its pods and takes it off the list. */
async function removeJob({ resources, about }: Pass, job: Job, status: CronJobStatus): Promise<CronJobStatus> {
  try {
    await resources.jobs.delete(job, { propagationPolicy: 'Background' });
  } catch (error) {
    tell(about, 'Warning', ['FailedDelete', `Deleted job: ${errorText(error)}`]);
    throw error;
  }
  tell(about, 'Normal', ['SuccessfulDelete', `Deleted job ${nameOf(job)}`]);
  const active = status.active?.filter(({ uid }) => uid !== uidOf(job));
  return { ...status, active: active?.length ? active : undefined };
}

/** The run's Job: made now, or by an earlier pass that didn't get to write it down; undefined when it is another's. */
async function ensureJob({ resources, cronJob, about }: Pass, wanted: Job): Promise<Job | undefined> {
  try {
    const job = await resources.jobs.create(wanted);
    tell(about, 'Normal', ['SuccessfulCreate', `Created job ${nameOf(job)}`]);
    return job;
  } catch (error) {
    if (!isStatus(error, 'AlreadyExists')) {
      const message = `Error creating job: ${errorText(error)}`;
      if (!isNamespaceTerminating(error)) tell(about, 'Warning', ['FailedCreate', message]);
      throw error;
    }
    const found = resources.jobs.find(namespaceOf(wanted), nameOf(wanted));
    return found !== undefined && isControlledBy(found, cronJob) ? found : undefined;
  }
}

async function start(pass: Pass, plan: CronPlan): Promise<CronJobStatus> {
  let { status } = plan;
  for (const job of plan.replace) status = await removeJob(pass, job, status);
  if (plan.start === undefined) return status;
  const job = await ensureJob(pass, plan.start.job);
  if (job === undefined) return status;
  const others = (status.active ?? []).filter(({ uid }) => uid !== uidOf(job));
  return { ...status, active: [...others, referenceTo(job)], lastScheduleTime: formatTime(plan.start.time) };
}

async function writeStatus({ cronJob, resources }: Pass, status: CronJobStatus): Promise<void> {
  if (semanticEqual(status, cronJob.status)) return;
  await resources.cronJobs.modify(cronJob, (now) => ({ ...now, status }), 'status');
}

async function reconcile(key: string, options: ReplicasOptions): Promise<Requeue | undefined> {
  const { resources, recorder, clock } = options;
  const { namespace, name } = splitKey(key);
  const cronJob = resources.cronJobs.find(namespace, name);
  if (cronJob === undefined) return undefined;
  const about = { owner: cronJob, component: 'cronjob-controller', recorder };
  const pass = { ...options, cronJob, about };
  const jobs = resources.jobs.list(namespace).filter((job) => isControlledBy(job, cronJob));
  const plan = planCronJob({ cronJob, jobs, zone: timeZone(cronJob.spec?.timeZone), now: clock.now() });
  for (const { type, reason, message } of plan.told) tell(about, type, [reason, message]);
  await writeStatus(pass, await start(pass, plan));
  for (const job of surplusJobs(cronJob, jobs)) await removeJob(pass, job, {});
  return plan.nextMs === undefined ? undefined : { afterMs: plan.nextMs + MARGIN_MS };
}

function cronJobOf({ entry }: ObjectChange): readonly string[] {
  const owner = controllerOf(entry.object);
  return owner?.kind === CRON_JOB_TYPE.kind ? [`${namespaceOf(entry.object)}/${owner.name}`] : [];
}

/**
 * Makes the Jobs of CronJobs at their times. Runs that are due while nobody looks are made up for afterwards, the
 * last of them only; schedules that fire without this process are the timers' business.
 */
export function cronJobRuns(options: ReplicasOptions): Controller {
  return {
    name: 'cron-job-runs',
    inputs: [
      { resource: 'batch/cronjobs', keys: (change) => [objectKey(change.entry.object)] },
      { resource: 'batch/jobs', keys: cronJobOf },
    ],
    outputs: [
      { what: 'batch/cronjobs#status', mode: 'exclusive' },
      { what: 'batch/jobs of a CronJob', mode: 'exclusive' },
      { what: '/events', mode: 'shared' },
    ],
    reconcile: (key) => reconcile(key, options),
  };
}
