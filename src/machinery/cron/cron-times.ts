import { civilFromDays } from '../time.ts';
import type { CronField } from './cron-field.ts';
import type { CronSchedule } from './cron-schedule.ts';

/** A time zone: how far its clocks are ahead of UTC at a moment, in ms. */
export interface Zone {
  readonly offsetAt: (ms: number) => number;
}

/** UTC. */
export const UTC_ZONE: Zone = { offsetAt: () => 0 };

type Calendar = Extract<CronSchedule, { readonly type: 'calendar' }>;

const MINUTE = 60_000;
const DAY_MINUTES = 1440;
/** No calendar that ever comes true waits longer than from one leap day to the one after the next. */
const HORIZON_MINUTES = 9 * 366 * DAY_MINUTES;

interface Wall {
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
}

function wallAt(minutes: number): Wall {
  const days = Math.floor(minutes / DAY_MINUTES);
  const ofDay = minutes - days * DAY_MINUTES;
  const [, month, day] = civilFromDays(days);
  const weekday = (((days + 4) % 7) + 7) % 7;
  return { month, day, weekday, hour: Math.floor(ofDay / 60), minute: ofDay % 60 };
}

function has({ values }: CronField, value: number): boolean {
  return values.includes(value);
}

/** Day of month *and* weekday where one of them is open, *or* where both are given. */
function matchesDay({ day, weekday, month }: Calendar, wall: Wall): boolean {
  if (!has(month, wall.month)) return false;
  const [byDay, byWeekday] = [has(day, wall.day), has(weekday, wall.weekday)];
  return day.any || weekday.any ? byDay && byWeekday : byDay || byWeekday;
}

/** Minutes that may be skipped ahead because no time of the schedule is in them; 0 at a time of the schedule. */
function ahead(schedule: Calendar, wall: Wall): number {
  if (!matchesDay(schedule, wall)) return DAY_MINUTES - wall.hour * 60 - wall.minute;
  if (!has(schedule.hour, wall.hour)) return 60 - wall.minute;
  return has(schedule.minute, wall.minute) ? 0 : 1;
}

/** As `ahead`, backwards: to the last minute of what comes before. */
function back(schedule: Calendar, wall: Wall): number {
  if (!matchesDay(schedule, wall)) return wall.hour * 60 + wall.minute + 1;
  if (!has(schedule.hour, wall.hour)) return wall.minute + 1;
  return has(schedule.minute, wall.minute) ? 0 : 1;
}

interface Search {
  readonly zone: Zone;
  readonly direction: 1 | -1;
  readonly step: (schedule: Calendar, wall: Wall) => number;
}

/** Goes from `start` (minutes since 1970) until a time fits. Where clocks change in between, minute by minute. */
function search(schedule: Calendar, start: number, { zone, direction, step }: Search): number | undefined {
  const offset = (minutes: number): number => Math.round(zone.offsetAt(minutes * MINUTE) / MINUTE);
  for (let at = start; Math.abs(at - start) <= HORIZON_MINUTES; ) {
    const here = offset(at);
    const skip = step(schedule, wallAt(at + here));
    if (skip === 0) return at * MINUTE;
    const there = at + direction * skip;
    at = offset(there) === here ? there : at + direction;
  }
  return undefined;
}

/**
 * The first time of the schedule after `after` (ms since 1970); undefined when there is none, as for February 30.
 * Wall-clock times that a change of the clocks leaves out don't come; those that it repeats come twice.
 */
export function nextTime(schedule: CronSchedule, after: number, zone: Zone = UTC_ZONE): number | undefined {
  if (schedule.type === 'every') return Math.floor(after / 1000) * 1000 + schedule.seconds * 1000;
  return search(schedule, Math.floor(after / MINUTE) + 1, { zone, direction: 1, step: ahead });
}

/** The last time of the schedule that is after `after` and not after `now`; undefined when there is none. */
export function lastTimeBetween(
  schedule: CronSchedule,
  { after, now }: { readonly after: number; readonly now: number },
  zone: Zone = UTC_ZONE,
): number | undefined {
  if (schedule.type === 'every') {
    const from = Math.floor(after / 1000) * 1000;
    const rounds = Math.floor((now - from) / (schedule.seconds * 1000));
    return rounds < 1 ? undefined : from + rounds * schedule.seconds * 1000;
  }
  const found = search(schedule, Math.floor(now / MINUTE), { zone, direction: -1, step: back });
  return found !== undefined && found > after ? found : undefined;
}
