import type { CronField } from '../../src/machinery/cron/cron-field.ts';
import type { CronSchedule } from '../../src/machinery/cron/cron-schedule.ts';

/** Days of the week as systemd.time(7) writes them; cron's 0 is Sunday. */
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

/** A field's values as a list, `*` when it holds all of them. */
function list({ values }: CronField, all: number): string {
  const sorted = [...new Set(values)].sort((a, b) => a - b);
  return sorted.length === all ? '*' : sorted.map((value) => String(value).padStart(2, '0')).join(',');
}

function weekdays({ values }: CronField): string {
  const days = WEEKDAYS.filter((_, day) => values.includes(day));
  return days.length === WEEKDAYS.length ? '' : `${days.join(',')} `;
}

/** How many days, months, hours and minutes make a field open. */
const ALL = { day: 31, month: 12, hour: 24, minute: 60 };

/**
 * A schedule as systemd's calendar events, systemd.time(7); each is a line of `OnCalendar=`. Cron's day of month *or*
 * weekday takes two of them, as systemd wants both to fit. Schedules of the form `@every` have no calendar: none.
 * Without a zone the machine's own is meant.
 */
export function calendarEvents(schedule: CronSchedule, zone?: string): readonly string[] {
  if (schedule.type === 'every') return [];
  const { minute, hour, day, month, weekday } = schedule;
  const time = `${list(hour, ALL.hour)}:${list(minute, ALL.minute)}:00${zone === undefined ? '' : ` ${zone}`}`;
  const months = list(month, ALL.month);
  const days = list(day, ALL.day);
  if (day.any || weekday.any) return [`${weekdays(weekday)}*-${months}-${days} ${time}`];
  return [`*-${months}-${days} ${time}`, `${weekdays(weekday)}*-${months}-* ${time}`];
}
