import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTime } from '../time.ts';
import { type CronSchedule, parseCronSchedule } from './cron-schedule.ts';
import { lastTimeBetween, nextTime, UTC_ZONE, type Zone } from './cron-times.ts';
import { timeZone } from './time-zone.ts';

function schedule(text: string): CronSchedule {
  const result = parseCronSchedule(text);
  if (!result.ok) throw new Error(result.message);
  return result.value;
}

const at = (text: string): number => Date.parse(text);
const next = (text: string, after: string, zone: Zone = UTC_ZONE): string | undefined => {
  const ms = nextTime(schedule(text), at(after), zone);
  return ms === undefined ? undefined : formatTime(ms);
};

describe('a schedule', () => {
  it.each([
    ['', 'empty spec string'],
    ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
    ['60 * * * *', 'end of range (60) above maximum (59): 60'],
    ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
    ['5-2 * * * *', 'beginning of range (5) beyond end of range (2): 5-2'],
    ['*/0 * * * *', 'step of range should be a positive number: */0'],
    ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
    ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
    ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
    ['* * * * 7', 'end of range (7) above maximum (6): 7'],
    ['@never', 'unrecognized descriptor: @never'],
    ['@every x', 'failed to parse duration @every x: time: invalid duration "x"'],
  ])('%j is refused', (text, message) => {
    expect(parseCronSchedule(text)).toEqual({ ok: false, message });
  });

  it.each([
    ['*/15 * * * *', '2026-01-01T00:00:00Z', '2026-01-01T00:15:00Z'],
    ['*/15 * * * *', '2026-01-01T00:59:30Z', '2026-01-01T01:00:00Z'],
    ['5/20 * * * *', '2026-01-01T00:05:00Z', '2026-01-01T00:25:00Z'],
    ['0 9-17/4 * * mon-FRI', '2026-01-02T17:00:00Z', '2026-01-05T09:00:00Z'],
    ['30 4 1,15 * *', '2026-01-01T04:30:00Z', '2026-01-15T04:30:00Z'],
    ['0 0 13 * fri', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
    ['0 0 */2 * fri', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
    ['0 0 * * fri', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z'],
    ['0 0 13 * ?', '2026-01-01T00:00:00Z', '2026-01-13T00:00:00Z'],
    ['0 0 29 feb *', '2026-01-01T00:00:00Z', '2028-02-29T00:00:00Z'],
    ['0 0 29 2 *', '2097-01-01T00:00:00Z', '2104-02-29T00:00:00Z'],
    ['@yearly', '2026-01-01T00:00:00Z', '2027-01-01T00:00:00Z'],
    ['@weekly', '2026-01-01T00:00:00Z', '2026-01-04T00:00:00Z'],
    ['@hourly', '2026-01-01T00:00:00Z', '2026-01-01T01:00:00Z'],
    ['@every 1h30m', '2026-01-01T00:00:10Z', '2026-01-01T01:30:10Z'],
    ['0 0 30 2 *', '2026-01-01T00:00:00Z', undefined],
  ])('%j after %s comes at %s', (text, after, wanted) => {
    expect(next(text, after)).toBe(wanted);
  });

  it('follows the clocks of its zone: what they leave out does not come, what they repeat comes twice', () => {
    // Clocks go from +1 h to +2 h at 01:00 UTC on March 29, and back at 01:00 UTC on October 25.
    const summer = (ms: number): boolean => ms >= at('2026-03-29T01:00:00Z') && ms < at('2026-10-25T01:00:00Z');
    const zone = { offsetAt: (ms: number) => (summer(ms) ? 7_200_000 : 3_600_000) };
    expect(next('30 2 * * *', '2026-03-28T12:00:00Z', zone)).toBe('2026-03-30T00:30:00Z');
    expect(next('30 2 * * *', '2026-10-24T12:00:00Z', zone)).toBe('2026-10-25T00:30:00Z');
    expect(next('30 2 * * *', '2026-10-25T00:30:00Z', zone)).toBe('2026-10-25T01:30:00Z');
    expect(next('30 2 * * *', '2026-10-25T01:30:00Z', zone)).toBe('2026-10-26T01:30:00Z');
    expect(next('0 0 * * *', '2026-03-28T12:00:00Z', zone)).toBe('2026-03-28T23:00:00Z');
  });
});

it.each([
  ['Europe/Berlin', '2026-07-01T00:00:00Z', 120],
  ['Europe/Berlin', '2026-01-01T00:00:00Z', 60],
  ['Asia/Kolkata', '2026-01-01T00:00:00Z', 330],
  ['America/St_Johns', '2026-01-01T00:00:00Z', -210],
  ['UTC', '2026-01-01T00:00:00Z', 0],
])('the clocks of %s at %s are %i minutes ahead', (name, time, minutes) => {
  expect(timeZone(name)?.offsetAt(at(time))).toBe(minutes * 60_000);
  expect(timeZone('Mars/Olympus')).toBeUndefined();
});

describe('times of any schedule', () => {
  const range = (first: number, last: number, names: readonly string[] = []) =>
    fc
      .tuple(fc.integer({ min: first, max: last }), fc.integer({ min: first, max: last }), fc.nat({ max: 12 }))
      .map(([a, b, step]) => {
        const [low, high] = a < b ? [a, b] : [b, a];
        const text = names[low - first] ?? `${low}`;
        const span = low === high ? text : `${text}-${high}`;
        return step === 0 ? span : `${span}/${step}`;
      });
  const field = (first: number, last: number, names?: readonly string[]) =>
    fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom('*', '?', '*/2', '*/7') },
      {
        weight: 3,
        arbitrary: fc.array(range(first, last, names), { minLength: 1, maxLength: 3 }).map((l) => l.join(',')),
      },
    );
  const text = fc
    .tuple(field(0, 59), field(0, 23), field(1, 31), field(1, 12), field(0, 6, ['SUN', 'mon', 'Tue', 'WED']))
    .map((fields) => fields.join(' '));
  const start = at('2026-01-01T00:00:00Z');
  // A zone that changes its clocks four times a year, by an hour and by half an hour.
  const jumpy: Zone = {
    offsetAt: (ms) => {
      const quarter = Math.floor((ms - start) / (91 * 86_400_000));
      return [0, 3_600_000, 5_400_000, -1_800_000][((quarter % 4) + 4) % 4] ?? 0;
    },
  };
  const FIRSTS = [0, 0, 1, 1, 0];
  const LASTS = [59, 23, 31, 12, 6];
  const NAMES = ['sun', 'mon', 'tue', 'wed'];
  const isOpen = (part: string): boolean => part === '*' || part === '?';
  const number = (word: string): number =>
    NAMES.includes(word.toLowerCase()) ? NAMES.indexOf(word.toLowerCase()) : Number(word);
  /** One part of a list read anew: first and last value and step. */
  const spanOf = (part: string, i: number): readonly [number, number, number] => {
    const [span = '', step = '1'] = part.split('/');
    if (isOpen(span)) return [FIRSTS[i] ?? 0, LASTS[i] ?? 0, Number(step)];
    const [low = '', high = part.includes('/') ? `${LASTS[i]}` : low] = span.split('-');
    return [number(low), number(high), Number(step)];
  };
  const oracle = (given: string, zone: Zone): ((ms: number) => boolean) => {
    const parts = given.split(' ').map((field) => field.split(','));
    const spans = parts.map((field, i) => field.map((part) => spanOf(part, i)));
    const open = [parts[2], parts[4]].some((field) => field?.some(isOpen));
    return (ms) => {
      const wall = new Date(ms + zone.offsetAt(ms));
      const day = [wall.getUTCDate(), wall.getUTCMonth() + 1, wall.getUTCDay()];
      const values = [wall.getUTCMinutes(), wall.getUTCHours(), ...day];
      const [minute, hour, date, month, weekday] = values.map((value, i) =>
        spans[i]?.some(([from, to, step]) => value >= from && value <= to && (value - from) % step === 0),
      );
      return Boolean(minute && hour && month && (open ? date && weekday : date || weekday));
    };
  };

  it('are those that a look at every minute finds, forwards and backwards', () => {
    const moment = fc.integer({ min: 0, max: 400 * 1440 }).map((minutes) => start + minutes * 60_000 + 17_000);
    fc.assert(
      fc.property(text, moment, fc.constantFrom(UTC_ZONE, jumpy), (given, after, zone) => {
        const parsedSchedule = schedule(given);
        const found = nextTime(parsedSchedule, after, zone);
        const isTime = oracle(given, zone);
        const end = Math.min(found ?? Number.POSITIVE_INFINITY, after + 2 * 86_400_000);
        const missed: number[] = [];
        for (let ms = Math.ceil(after / 60_000) * 60_000; ms < end; ms += 60_000) if (isTime(ms)) missed.push(ms);
        expect(missed).toEqual([]);
        if (found === undefined) return;
        expect(isTime(found)).toBe(true);
        expect(lastTimeBetween(parsedSchedule, { after, now: found + 59_000 }, zone)).toBe(found);
        expect(lastTimeBetween(parsedSchedule, { after, now: found - 1 }, zone)).toBeUndefined();
      }),
      { numRuns: 150 },
    );
  });

  it('of an interval are counted from the last one', () => {
    const every = schedule('@every 90s');
    expect(lastTimeBetween(every, { after: 1000, now: 181_000 })).toBe(181_000);
    expect(lastTimeBetween(every, { after: 1000, now: 180_000 })).toBe(91_000);
    expect(lastTimeBetween(every, { after: 1000, now: 90_000 })).toBeUndefined();
  });
});
