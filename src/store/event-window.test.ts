import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { EventWindow, type LogEvent } from './event-window.ts';
import { LogEntry } from './log-entry.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function event(revision: number): LogEvent {
  const entry = new LogEntry({ key: '/g/t/a/x', revision, createRevision: 1, json: '{"metadata":{"name":"x"}}' });
  return { type: 'ADDED', revision, entry, previous: undefined };
}

/** A window with an event of each of these times, and an eye on the events. */
function windowOf(times: readonly number[]) {
  const window = new EventWindow(0, { retention: 1000, maxEvents: 100, maxCharacters: 1e6 });
  const events = times.map((_, at) => event(at + 1));
  for (const [at, time] of times.entries()) window.push(events[at] ?? event(0), time);
  return { window, events: events.map((each) => new WeakRef(each)) };
}

it('holds on to no event that has left, however few have', async () => {
  const { window, events } = windowOf([0, 100, 5000]);
  window.drop(window.expired(5000, 0));
  // A reference that was just made holds on until the turn is over.
  await turn();
  collect();
  expect(events.map((each) => each.deref()?.revision)).toEqual([undefined, undefined, 3]);
  expect([window.size, window.nextExpiry, window.since('/', 2).length]).toEqual([1, 6000, 1]);
});

it('forgets the parsed forms of what it keeps', () => {
  const { window } = windowOf([0]);
  const parsed = () => window.since('/', 0)[0]?.entry.object;
  const before = parsed();
  window.release();
  expect(parsed()).toEqual(before);
  expect(parsed()).not.toBe(before);
});
