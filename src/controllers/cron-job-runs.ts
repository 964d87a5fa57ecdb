import type { ServiceManager } from '../../systemd/service-manager.ts';
import { cronJobOfService } from '../../translators/units/cron-job/names.ts';
import type { CronJob, Job } from '../kinds/types.ts';
import { timeZone } from '../machinery/cron/time-zone.ts';
import { semanticEqual } from '../machinery/deep.ts';
import { formatTime } from '../machinery/time.ts';
import { timeOf } from './clock.ts';
import type { Controller, ObjectChange, Requeue } from './controller.ts';
import { type CronJobStatus, referenceTo, surplusJobs } from './cron-job/active-jobs.ts';
import { CRON_JOB_TYPE, type CronPlan, planCronJob, timetableOf } from './cron-job/cron-plan.ts';
import { type RunRecords, recordRuns } from './cron-job/record-runs.ts';
import { ownedBy } from './indexes.ts';
import { controllerOf, isControlledBy, nameOf, namespaceOf, objectKey, splitKey, uidOf } from './meta.ts';
import { isStatus } from './resources.ts';
import { errorText, isNamespaceTerminating, tell } from './workloads/pod-control.ts';
import type { ReplicasOptions } from './workloads/replicas.ts';

/** Added to the wait for a run, so that its time has surely come. */
const MARGIN_MS = 100;

/** What the controller needs; without `records` no timer runs anything. */
export interface CronJobOptions extends ReplicasOptions {
  readonly records?: RunRecords;
  readonly serviceManager?: ServiceManager;
}

interface Pass extends CronJobOptions {
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

/** The run's name among those of the CronJob, for its timer too. */
const slotOf = (time: number): string => `${Math.floor(time / 60_000)}`;

/** Takes the run before its timer does. Rejects when the timer has it already: the next look finds what it made. */
async function claimRun({ cronJob, records }: Pass, time: number): Promise<void> {
  if ((await records?.timerRuns.claim(uidOf(cronJob), slotOf(time))) === false) {
    throw new Error('a timer has begun this run: it is recorded instead');
  }
}

/** Tells the timer that the run is done with. */
async function settleRun({ cronJob, records }: Pass, time: number): Promise<void> {
  await records?.timerRuns.setReached(uidOf(cronJob), Math.floor(time / 1000));
  await records?.timerRuns.release(uidOf(cronJob), slotOf(time));
}

async function start(pass: Pass, plan: CronPlan): Promise<CronJobStatus> {
  let { status } = plan;
  if (plan.start !== undefined) await claimRun(pass, plan.start.time);
  for (const job of plan.replace) status = await removeJob(pass, job, status);
  if (plan.start === undefined) return status;
  const job = await ensureJob(pass, plan.start.job);
  if (job === undefined) return status;
  const skew = (timeOf(job.metadata?.creationTimestamp) - plan.start.time) / 1000;
  pass.measures?.observe('cronjob_controller_job_creation_skew_duration_seconds', skew);
  const others = (status.active ?? []).filter(({ uid }) => uid !== uidOf(job));
  return { ...status, active: [...others, referenceTo(job)], lastScheduleTime: formatTime(plan.start.time) };
}

async function writeStatus({ cronJob, resources }: Pass, status: CronJobStatus): Promise<void> {
  if (semanticEqual(status, cronJob.status)) return;
  await resources.cronJobs.modify(cronJob, (now) => ({ ...now, status }), 'status');
}

/** The CronJob after what its timer ran has been recorded. */
async function withRecordedRuns(found: CronJob, options: CronJobOptions): Promise<CronJob> {
  const { records, resources, recorder, clock } = options;
  const timetable = timetableOf({ cronJob: found, zone: timeZone(found.spec?.timeZone) });
  if (records === undefined || !timetable.ok) return found;
  const jobs = await recordRuns(found, { resources, records, timetable: timetable.value, now: clock.now() });
  const about = { owner: found, component: 'cronjob-controller', recorder };
  for (const job of jobs) tell(about, 'Normal', ['SuccessfulCreate', `Created job ${nameOf(job)}`]);
  return resources.cronJobs.find(namespaceOf(found), nameOf(found)) ?? found;
}

async function reconcile(key: string, options: CronJobOptions): Promise<Requeue | undefined> {
  const { resources, recorder, clock } = options;
  const { namespace, name } = splitKey(key);
  const found = resources.cronJobs.find(namespace, name);
  if (found === undefined) return undefined;
  const cronJob = await withRecordedRuns(found, options);
  const about = { owner: cronJob, component: 'cronjob-controller', recorder };
  const pass = { ...options, cronJob, about };
  const jobs = ownedBy(cronJob, resources.jobs);
  const plan = planCronJob({ cronJob, jobs, zone: timeZone(cronJob.spec?.timeZone), now: clock.now() });
  for (const { type, reason, message } of plan.told) tell(about, type, [reason, message]);
  await writeStatus(pass, await start(pass, plan));
  if (plan.start !== undefined) await settleRun(pass, plan.start.time);
  for (const job of surplusJobs(cronJob, jobs)) await removeJob(pass, job, {});
  return plan.nextMs === undefined ? undefined : { afterMs: plan.nextMs + MARGIN_MS };
}

function cronJobOf({ entry }: ObjectChange): readonly string[] {
  const owner = controllerOf(entry.object);
  return owner?.kind === CRON_JOB_TYPE.kind ? [`${namespaceOf(entry.object)}/${owner.name}`] : [];
}

/** A timer's run that began as we started up has ended: it wants to be recorded. */
function listen({ serviceManager }: CronJobOptions, enqueue: (key: string) => void, signal: AbortSignal): void {
  const onUnit = (unit: string): void => {
    const key = cronJobOfService(unit);
    if (key !== undefined) enqueue(key);
  };
  // Without a bus there are no hints; the resync looks then.
  serviceManager?.watch('qs-', onUnit, { signal }).catch(() => undefined);
}

/**
 * Makes the Jobs of CronJobs at their times. Runs that are due while nobody looks are made by timers, if these can,
 * and recorded afterwards; what they can't is made up for, the last run only.
 */
export function cronJobRuns(options: CronJobOptions): Controller {
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
    hints: (enqueue, signal) => listen(options, enqueue, signal),
    reconcile: (key) => reconcile(key, options),
  };
}
