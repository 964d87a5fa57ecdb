import { type Overload, overload } from '../overload.ts';
import { CelError, type Duration, type Timestamp } from '../values.ts';
import { millisOf } from './conversions.ts';

/** A point in time on the clock and calendar of a zone. */
interface Civil {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly dayOfYear: number;
}

const DAY_MS = 86_400_000;
const CUMULATIVE = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];

function isLeap(year: number): boolean {
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
}

/** Offset of a named zone at a time, in milliseconds. */
function namedOffset(zone: string, ms: number): number {
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
    const text = format.formatToParts(ms).find(({ type }) => type === 'timeZoneName')?.value ?? '';
    return fixedOffset(text.replace(/^GMT$/, '+00:00').replace(/^GMT/, '')) ?? 0;
  } catch {
    throw new CelError(`unknown time zone ${zone}`);
  }
}

function fixedOffset(zone: string): number | undefined {
  const match = /^([-+]?)(\d\d?):(\d\d)$/.exec(zone);
  if (match === null) return undefined;
  const ms = (Number(match[2]) * 60 + Number(match[3])) * 60_000;
  return match[1] === '-' ? -ms : ms;
}

function civilOf(time: Timestamp, zone = 'UTC'): Civil {
  const utc = millisOf(time);
  const ms = utc + (zone === 'UTC' ? 0 : (fixedOffset(zone) ?? namedOffset(zone, utc)));
  const days = Math.floor(ms / DAY_MS);
  const rest = Math.floor((ms - days * DAY_MS) / 1000);
  const { year, month, day } = dateOf(days);
  const leapDay = month > 1 && isLeap(year) ? 1 : 0;
  return {
    year,
    month,
    day,
    weekday: (((days + 4) % 7) + 7) % 7,
    hour: Math.floor(rest / 3600),
    minute: Math.floor(rest / 60) % 60,
    second: rest % 60,
    dayOfYear: (CUMULATIVE[month] ?? 0) + leapDay + day - 1,
  };
}

/** The date of a day since 1970; months from 0, days from 1 (Howard Hinnant's civil calendar arithmetic). */
function dateOf(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shifted = Math.floor((5 * dayOfYear + 2) / 153);
  const month = shifted < 10 ? shifted + 2 : shifted - 10;
  return {
    year: yearOfEra + era * 400 + (month <= 1 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shifted + 2) / 5) + 1,
  };
}

const GETTERS: { readonly [name: string]: (civil: Civil) => number } = {
  getFullYear: ({ year }) => year,
  getMonth: ({ month }) => month,
  getDate: ({ day }) => day,
  getDayOfMonth: ({ day }) => day - 1,
  getDayOfWeek: ({ weekday }) => weekday,
  getDayOfYear: ({ dayOfYear }) => dayOfYear,
  getHours: ({ hour }) => hour,
  getMinutes: ({ minute }) => minute,
  getSeconds: ({ second }) => second,
};

const ofTimes: readonly Overload[] = Object.entries(GETTERS).flatMap(([name, get]) => [
  overload(`timestamp.${name}(): int`, (time: Timestamp) => BigInt(get(civilOf(time)))),
  overload(`timestamp.${name}(string): int`, (time: Timestamp, zone: string) => BigInt(get(civilOf(time, zone)))),
]);

const millisecond = (time: Timestamp): bigint => BigInt(((millisOf(time) % 1000) + 1000) % 1000);

/** Parts of times and durations. */
export const times: readonly Overload[] = [
  ...ofTimes,
  overload('timestamp.getMilliseconds(): int', millisecond),
  overload('timestamp.getMilliseconds(string): int', millisecond),
  overload('duration.getHours(): int', (d: Duration) => d.nanos / 3_600_000_000_000n),
  overload('duration.getMinutes(): int', (d: Duration) => d.nanos / 60_000_000_000n),
  overload('duration.getSeconds(): int', (d: Duration) => d.nanos / 1_000_000_000n),
  overload('duration.getMilliseconds(): int', (d: Duration) => (d.nanos / 1_000_000n) % 1000n),
];
