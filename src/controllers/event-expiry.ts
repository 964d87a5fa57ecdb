import type { Event } from '../kinds/types.ts';
import { type Clock, timeOf } from './clock.ts';
import type { Controller } from './controller.ts';
import type { Resource } from './resources.ts';

/** How long an Event lives after it last happened, as the API server's `--event-ttl`. */
export const EVENT_TTL_MS = 3_600_000;

/** Which Events are over, and in how many milliseconds the next one will be. */
export interface ExpiryPlan {
  readonly expired: readonly Event[];
  readonly nextMs: number | undefined;
}

function lastSeen(event: Event): number {
  const times = [
    event.series?.lastObservedTime,
    event.lastTimestamp,
    event.eventTime,
    event.metadata.creationTimestamp,
  ];
  return Math.max(...times.map(timeOf));
}

/** Splits Events into those that are over and the wait until the next. */
export function planExpiry(events: readonly Event[], now: number): ExpiryPlan {
  const expired: Event[] = [];
  let next = Number.POSITIVE_INFINITY;
  for (const event of events) {
    const left = lastSeen(event) + EVENT_TTL_MS - now;
    if (left <= 0) expired.push(event);
    // None lives longer, whatever the clock said when it happened.
    else next = Math.min(next, left, EVENT_TTL_MS);
  }
  return { expired, nextMs: Number.isFinite(next) ? next : undefined };
}

/** Deletes Events an hour after they last happened. One timer waits for the next: nothing polls. */
export function eventExpiry({ events, clock }: { events: Resource<Event>; clock: Clock }): Controller {
  const key = 'events';
  let armed = false;
  return {
    name: 'event-expiry',
    // A later Event always expires later: only the first one has to arm the timer.
    inputs: [{ resource: '/events', keys: (e) => (e.type === 'ADDED' && !armed ? [key] : []) }],
    outputs: [{ what: '/events#delete', mode: 'exclusive' }],
    reconcile: async () => {
      const { expired, nextMs } = planExpiry(events.list(), clock.now());
      for (const event of expired) await events.delete(event);
      armed = nextMs !== undefined;
      return nextMs === undefined ? undefined : { afterMs: nextMs + 1000 };
    },
  };
}
