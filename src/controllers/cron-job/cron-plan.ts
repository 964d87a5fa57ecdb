import type { CronJob, Job } from '../../kinds/types.ts';
import { parseCronSchedule } from '../../machinery/cron/cron-schedule.ts';
import type { Zone } from '../../machinery/cron/cron-times.ts';
import { goQuote } from '../../machinery/go-format.ts';
import type { Parsed } from '../../machinery/parsed.ts';
import { parsed, unparsable } from '../../machinery/parsed.ts';
import { formatTime } from '../../machinery/time.ts';
import { timeOf } from '../clock.ts';
import { controllerReference, isDeleting, nameOf, namespaceOf, uidOf } from '../meta.ts';
import { type CronJobStatus, reviewActive, type Told } from './active-jobs.ts';
import { dueRun, type Timetable, untilNextRun } from './missed-runs.ts';

/** How CronJobs stand in their Jobs' owner references. */
export const CRON_JOB_TYPE = { apiVersion: 'batch/v1', kind: 'CronJob' };
const SCHEDULED = 'batch.kubernetes.io/cronjob-scheduled-timestamp';

/** A CronJob, its Jobs and the time. */
export interface CronView {
  readonly cronJob: CronJob;
  readonly jobs: readonly Job[];
  /** Of `spec.timeZone`, the machine's own without one; undefined when there is none of that name. */
  readonly zone: Zone | undefined;
  /** ms since the epoch. */
  readonly now: number;
}

/** What to do now. */
export interface CronPlan {
  readonly status: CronJobStatus;
  readonly told: readonly Told[];
  /** Running Jobs that make room for the new one. */
  readonly replace: readonly Job[];
  /** The run that is due. */
  readonly start: { readonly time: number; readonly job: Job } | undefined;
  /** Milliseconds until the next look. */
  readonly nextMs: number | undefined;
}

/** A moment as RFC 3339 in a time zone. */
function localTime(ms: number, zone: Zone): string {
  const minutes = Math.round(zone.offsetAt(ms) / 60_000);
  if (minutes === 0) return formatTime(ms);
  const two = (n: number): string => `${Math.floor(n)}`.padStart(2, '0');
  const offset = `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}:${two(Math.abs(minutes) % 60)}`;
  return formatTime(ms + minutes * 60_000).replace('Z', offset);
}

/** The Job of a run. Its name holds the minute, so that a run can't be made twice. */
export function jobForRun(cronJob: CronJob, time: number, zone: Zone | undefined): Job {
  const { metadata, spec } = cronJob.spec?.jobTemplate ?? {};
  const utc = { offsetAt: () => 0 };
  const stamp = localTime(time, cronJob.spec?.timeZone === undefined ? utc : (zone ?? utc));
  return {
    metadata: {
      name: `${nameOf(cronJob)}-${Math.floor(time / 60_000)}`,
      namespace: namespaceOf(cronJob),
      labels: metadata?.labels,
      annotations: { ...metadata?.annotations, [SCHEDULED]: stamp },
      ownerReferences: [controllerReference(cronJob, CRON_JOB_TYPE)],
    },
    spec,
  };
}

/** When the CronJob runs, or what to tell of why it can't. */
export function timetableOf({
  cronJob,
  zone,
}: Pick<CronView, 'cronJob' | 'zone'>): Parsed<Timetable> & { readonly reason?: string } {
  const { schedule = '', timeZone: name = '' } = cronJob.spec ?? {};
  if (zone === undefined) {
    const message = `invalid timeZone: ${goQuote(name)}: unknown time zone ${name}`;
    return { ...unparsable(message), reason: 'UnknownTimeZone' };
  }
  const result = parseCronSchedule(schedule);
  if (result.ok) return parsed({ schedule: result.value, zone });
  const message = `unparseable schedule: ${goQuote(schedule)} : ${result.message}`;
  return { ...unparsable(message), reason: 'UnparseableSchedule' };
}

const TOO_MANY: Told = {
  type: 'Warning',
  reason: 'TooManyMissedTimes',
  message: 'too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew',
};
const STILL_RUNS: Told = {
  type: 'Normal',
  reason: 'JobAlreadyActive',
  message: 'Not starting job because prior execution is running and concurrency policy is Forbid',
};

type Decision = Pick<CronPlan, 'start' | 'replace' | 'told'>;

const NOT_NOW: Decision = { start: undefined, replace: [], told: [] };

/** Whether the due run starts, and at whose cost. */
function decide(view: CronView, timetable: Timetable, status: CronJobStatus): Decision {
  const { cronJob, jobs, zone, now } = view;
  const { time, tooMany } = dueRun(cronJob, timetable, now);
  const told = tooMany ? [TOO_MANY] : [];
  if (time === undefined) return { ...NOT_NOW, told };
  const job = jobForRun(cronJob, time, zone);
  const { active = [] } = status;
  const isDone = active.some(({ name }) => name === nameOf(job)) || timeOf(status.lastScheduleTime) === time;
  if (isDone) return { ...NOT_NOW, told };
  const { concurrencyPolicy } = cronJob.spec ?? {};
  if (concurrencyPolicy === 'Forbid' && active.length > 0) return { ...NOT_NOW, told: [...told, STILL_RUNS] };
  const running = jobs.filter((each) => active.some(({ uid }) => uid === uidOf(each)));
  return { start: { time, job }, replace: concurrencyPolicy === 'Replace' ? running : [], told };
}

/** The next step of a CronJob: what has ended, what is due, and when to look again. Pure. */
export function planCronJob(view: CronView): CronPlan {
  const { cronJob, jobs, now } = view;
  const { status, told } = reviewActive(cronJob, jobs);
  const idle: CronPlan = { status, told, replace: [], start: undefined, nextMs: undefined };
  if (isDeleting(cronJob)) return idle;
  const timetable = timetableOf(view);
  if (timetable.ok === false) {
    const { message, reason = '' } = timetable;
    return { ...idle, told: [...told, { type: 'Warning', reason, message }] };
  }
  if (cronJob.spec?.suspend) return idle;
  const decision = decide(view, timetable.value, status);
  const nextMs = untilNextRun(cronJob, timetable.value, now);
  return { ...idle, ...decision, told: [...told, ...decision.told], nextMs };
}
