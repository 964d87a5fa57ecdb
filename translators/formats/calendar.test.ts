import { Cron } from 'croner';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CronSchedule, parseCronSchedule } from '../../src/machinery/cron/cron-schedule.ts';
import { nextTime } from '../../src/machinery/cron/cron-times.ts';
import { timeZone } from '../../src/machinery/cron/time-zone.ts';
import { calendarEvents } from './calendar.ts';

function parse(text: string): CronSchedule {
  const result = parseCronSchedule(text);
  if (!result.ok) throw new Error(result.message);
  return result.value;
}

const events = (text: string, zone?: string): readonly string[] => calendarEvents(parse(text), zone);

const field = (first: number, last: number): fc.Arbitrary<string> => {
  const value = fc.integer({ min: first, max: last });
  const span = fc.tuple(value, value).map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`);
  const step = fc.integer({ min: 2, max: last });
  const stepped = fc.tuple(fc.oneof(fc.constant('*'), span), step).map(([range, by]) => `${range}/${by}`);
  const one = fc.oneof(value.map(String), span, stepped);
  return fc.oneof(
    fc.constant('*'),
    fc.array(one, { minLength: 1, maxLength: 3 }).map((parts) => parts.join(',')),
  );
};

/** Only what both libraries take alike: a stepped star in a day field counts as given here, as open there. */
const plainDay = (first: number, last: number): fc.Arbitrary<string> =>
  field(first, last).filter((text) => !text.includes('*') || text === '*');

const schedule = fc
  .tuple(field(0, 59), field(0, 23), plainDay(1, 28), field(1, 12), plainDay(0, 6))
  .map((fields) => fields.join(' '));

/** What systemd.time(7) says of one event of this form. */
function fits(event: string, ms: number): boolean {
  const [, weekdays, months = '', days = '', hours = '', minutes = ''] =
    /^(?:([A-Z][\w,]*) )?\*-([\d,*]+)-([\d,*]+) ([\d,*]+):([\d,*]+):00$/.exec(event) ?? [];
  const at = new Date(ms);
  const has = (list: string, value: number): boolean => list === '*' || list.split(',').map(Number).includes(value);
  const weekday = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][at.getUTCDay()] ?? '';
  return (
    (weekdays === undefined || weekdays.split(',').includes(weekday)) &&
    has(months, at.getUTCMonth() + 1) &&
    has(days, at.getUTCDate()) &&
    has(hours, at.getUTCHours()) &&
    has(minutes, at.getUTCMinutes())
  );
}

describe('calendar events', () => {
  it.each([
    ['*/15 * * * *', ['*-*-* *:00,15,30,45:00']],
    ['0 9-17/4 * * mon-FRI', ['Mon,Tue,Wed,Thu,Fri *-*-* 09,13,17:00:00']],
    ['30 4 1,15 * *', ['*-*-01,15 04:30:00']],
    ['0 0 13 * fri', ['*-*-13 00:00:00', 'Fri *-*-* 00:00:00']],
    ['@yearly', ['*-01-01 00:00:00']],
    ['@every 90m', []],
  ])('of %j are %j', (text, expected) => {
    expect(events(text)).toEqual(expected);
  });

  it('name the time zone that they are meant in', () => {
    expect(events('0 5 * * *', 'Europe/Berlin')).toEqual(['*-*-* 05:00:00 Europe/Berlin']);
  });

  it('come true when the schedule does, and at no other time', () => {
    fc.assert(
      fc.property(schedule, fc.integer({ min: 0, max: 60 * 24 * 400 }), (text, minutes) => {
        const after = Date.UTC(2026, 0, 1) + minutes * 60_000;
        const next = nextTime(parse(text), after) ?? 0;
        const all = events(text);
        expect(all.some((event) => fits(event, next))).toBe(true);
        // Whatever the events say in between would be a time that the schedule doesn't know.
        const between = Array.from({ length: 500 }, (_, i) => after + (i + 1) * 60_000).filter((ms) => ms < next);
        expect(between.filter((ms) => all.some((event) => fits(event, ms)))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });
});

describe('the times of a schedule', () => {
  it.each(['Etc/UTC', 'Asia/Tokyo', 'America/St_Johns'])('in %s are those of an independent library', (zone) => {
    fc.assert(
      fc.property(schedule, fc.integer({ min: 0, max: 60 * 24 * 300 }), (text, minutes) => {
        const after = Date.UTC(2026, 0, 1) + minutes * 60_000;
        const theirs = new Cron(text, { timezone: zone }).nextRun(new Date(after));
        const ours = nextTime(parse(text), after, timeZone(zone));
        // Where clocks change the libraries may differ: upstream's passes over times that don't exist.
        if (zone === 'America/St_Johns' && ours !== theirs?.getTime()) {
          const offset = (ms: number): number => timeZone(zone)?.offsetAt(ms) ?? 0;
          expect(offset(after)).not.toBe(offset((ours ?? 0) + 86_400_000));
          return;
        }
        expect(ours).toBe(theirs?.getTime());
      }),
      { numRuns: 100 },
    );
  });
});
