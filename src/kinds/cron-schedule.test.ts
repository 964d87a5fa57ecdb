import { expect, it } from 'vitest';
import { checkSchedule, isTimeZone } from './cron-schedule.ts';

it.each(['*/5 * * * *', '0 0 1,15 jan-jun MON-FRI', '@daily', '@every 1h30m', '5/10 ? * * 0', '0  4 8-14 * *'])(
  'takes %s',
  (schedule) => {
    expect(checkSchedule(schedule)).toBeUndefined();
  },
);

it.each([
  ['* * * *', 'expected exactly 5 fields, found 4: [* * * *]'],
  ['60 * * * *', 'end of range (60) above maximum (59): 60'],
  ['* * 0 * *', 'beginning of range (0) below minimum (1): 0'],
  ['* * * * 7', 'end of range (7) above maximum (6): 7'],
  ['5-1 * * * *', 'beginning of range (5) beyond end of range (1): 5-1'],
  ['*/0 * * * *', 'step of range should be a positive number: */0'],
  ['x * * * *', 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'],
  ['1-2-3 * * * *', 'too many hyphens: 1-2-3'],
  ['1/2/3 * * * *', 'too many slashes: 1/2/3'],
  ['@sometimes', 'unrecognized descriptor: @sometimes'],
  ['@every day', 'failed to parse duration @every day: time: invalid duration "day"'],
])('says what is wrong with %s', (schedule, expected) => {
  expect(checkSchedule(schedule)).toBe(expected);
});

it('knows time zones', () => {
  expect([isTimeZone('Europe/Berlin'), isTimeZone('Etc/UTC'), isTimeZone('Moon/Base')]).toEqual([true, true, false]);
});
