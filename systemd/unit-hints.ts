import type { BusSignal } from './bus.ts';
import { batchedPerTick } from './coalesce.ts';
import { unitOfPath } from './unit-path.ts';

/** Listeners for units that may have changed. */
export interface UnitHints {
  /** Until aborted. */
  add(prefix: string, listener: (unit: string) => void, signal: AbortSignal): void;
  /** A unit may have changed; '' for all. Listeners hear of it once per turn of the event loop. */
  changed(unit: string): void;
  /** Whether anybody listens for this unit. */
  isWatched(unit: string): boolean;
}

interface Subscription {
  readonly prefix: string;
  readonly listener: (unit: string) => void;
}

/** Nobody listens yet. */
export function createUnitHints(): UnitHints {
  const subscriptions = new Set<Subscription>();
  const changed = batchedPerTick((units) => {
    for (const subscription of subscriptions) notify(subscription, units);
  });
  return {
    changed: (unit) => {
      if (subscriptions.size > 0) changed(unit);
    },
    isWatched: (unit) => [...subscriptions].some(({ prefix }) => unit.startsWith(prefix)),
    add: (prefix, listener, signal) => {
      if (signal.aborted) return;
      const subscription = { prefix, listener };
      subscriptions.add(subscription);
      signal.addEventListener('abort', () => subscriptions.delete(subscription), { once: true });
    },
  };
}

function notify({ prefix, listener }: Subscription, units: ReadonlySet<string>): void {
  for (const unit of units) {
    if (unit === '' || unit.startsWith(prefix)) listener(unit);
  }
}

/** The unit that a signal of the service manager is about. */
export function unitOfSignal(signal: BusSignal): string | undefined {
  switch (signal.member) {
    case 'PropertiesChanged':
      return unitOfPath(signal.path);
    case 'JobRemoved':
      return stringAt(signal.body, 2);
    default:
      return undefined;
  }
}

function stringAt(body: readonly unknown[], index: number): string | undefined {
  const value = body[index];
  return typeof value === 'string' ? value : undefined;
}
