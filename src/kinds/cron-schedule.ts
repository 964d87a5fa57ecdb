import { parseCronSchedule } from '../machinery/cron/cron-schedule.ts';
import { timeZone } from '../machinery/cron/time-zone.ts';

/** What is wrong with a schedule, in the words of the parser that upstream uses; undefined when it is fine. */
export function checkSchedule(schedule: string): string | undefined {
  const result = parseCronSchedule(schedule);
  return result.ok ? undefined : result.message;
}

/** Whether the machine's time zone data has a zone of that name. */
export function isTimeZone(name: string): boolean {
  return timeZone(name) !== undefined;
}
