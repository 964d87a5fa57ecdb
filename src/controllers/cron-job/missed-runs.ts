import type { CronJob } from '../../kinds/types.ts';
import type { CronSchedule } from '../../machinery/cron/cron-schedule.ts';
import { lastTimeBetween, nextTime, type Zone } from '../../machinery/cron/cron-times.ts';
import { timeOf } from '../clock.ts';

/** More missed runs than this are told of. */
const MANY = 100;

/** When a CronJob runs. */
export interface Timetable {
  readonly schedule: CronSchedule;
  readonly zone: Zone;
}

/** The run that is due: the last one that was missed, if any. */
export interface DueRun {
  /** ms since the epoch; undefined when nothing is due. */
  readonly time: number | undefined;
  /** Whether so many were missed that something is wrong: a clock, or a long absence. */
  readonly tooMany: boolean;
}

/** When the CronJob ran last; its creation when it never did. */
function lastRun({ metadata, status }: CronJob): number {
  return timeOf(status?.lastScheduleTime ?? metadata?.creationTimestamp);
}

/** Roughly how many runs were missed, as upstream counts: by the distance of the first two. */
function missedCount({ schedule, zone }: Timetable, from: number, now: number): number {
  const first = nextTime(schedule, from, zone);
  const second = first === undefined ? undefined : nextTime(schedule, first, zone);
  if (first === undefined || first > now) return 0;
  return second === undefined ? 1 : Math.floor((now - first) / (second - first)) + 1;
}

/** The run that is due now: only the last of several, and none that startingDeadlineSeconds has passed. Pure. */
export function dueRun(cronJob: CronJob, timetable: Timetable, now: number): DueRun {
  const { startingDeadlineSeconds } = cronJob.spec ?? {};
  const deadline = startingDeadlineSeconds === undefined ? undefined : now - startingDeadlineSeconds * 1000;
  const after = Math.max(lastRun(cronJob), deadline ?? Number.NEGATIVE_INFINITY);
  const time = lastTimeBetween(timetable.schedule, { after, now }, timetable.zone);
  return { time, tooMany: time !== undefined && missedCount(timetable, after, now) > MANY };
}

/** Milliseconds until the next run; undefined when there is none. Pure. */
export function untilNextRun(cronJob: CronJob, { schedule, zone }: Timetable, now: number): number | undefined {
  const isInterval = schedule.type === 'every';
  const from = isInterval ? (lastTimeBetween(schedule, { after: lastRun(cronJob), now }) ?? lastRun(cronJob)) : now;
  const next = nextTime(schedule, from, zone);
  return next === undefined ? undefined : next - now;
}
