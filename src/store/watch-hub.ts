import type { StoreEvent } from './store.ts';
import { prefixesOf } from './store-key.ts';

/** Called once per committed batch with the events below the subscription's prefix, in order. */
export type Listener = (events: readonly StoreEvent[]) => void;

interface Subscription {
  readonly after: number;
  readonly listener: Listener;
}

/** Fans committed events out. An event costs its own prefixes and the subscriptions on them, never all of them. */
export class WatchHub {
  readonly #subscriptions = new Map<string, Set<Subscription>>();
  readonly #onError: (error: unknown) => void;

  /** `onError` hears of a listener that threw; the others are served regardless. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  /** Subscribes to events with revision > `after`; returns what ends it. */
  subscribe(prefix: string, after: number, listener: Listener): () => void {
    const subscription = { after, listener };
    const set = this.#subscriptions.get(prefix) ?? new Set<Subscription>();
    this.#subscriptions.set(prefix, set.add(subscription));
    return () => {
      set.delete(subscription);
      if (set.size === 0 && this.#subscriptions.get(prefix) === set) this.#subscriptions.delete(prefix);
    };
  }

  publish(events: readonly StoreEvent[]): void {
    for (const [prefix, matching] of this.#byPrefix(events)) {
      const set = this.#subscriptions.get(prefix);
      for (const subscription of [...(set ?? [])]) {
        if (set?.has(subscription)) this.#deliver(subscription, matching);
      }
    }
  }

  #byPrefix(events: readonly StoreEvent[]): Map<string, StoreEvent[]> {
    const groups = new Map<string, StoreEvent[]>();
    for (const event of events) {
      for (const prefix of prefixesOf(event.entry.key)) {
        if (!this.#subscriptions.has(prefix)) continue;
        const group = groups.get(prefix);
        if (group === undefined) groups.set(prefix, [event]);
        else group.push(event);
      }
    }
    return groups;
  }

  #deliver(subscription: Subscription, events: readonly StoreEvent[]): void {
    const first = events[0];
    const all = first === undefined || first.revision > subscription.after;
    const wanted = all ? events : events.filter((event) => event.revision > subscription.after);
    if (wanted.length === 0) return;
    try {
      subscription.listener(wanted);
    } catch (error) {
      this.#onError(error);
    }
  }
}
