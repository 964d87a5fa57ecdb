import type { LogEntry } from './log-entry.ts';
import { RevisionCompactedError, type StoreEvent } from './store.ts';
import { isBelow } from './store-key.ts';

/** A change as the window keeps it: entries are the store's own kind. */
export interface LogEvent extends StoreEvent {
  readonly entry: LogEntry;
  readonly previous: LogEntry | undefined;
}

/** How much history is kept. Whatever is exceeded first lets the oldest events go. */
export interface WindowLimits {
  /** Milliseconds. */
  readonly retention: number;
  readonly maxEvents: number;
  /** Characters of serialized objects. */
  readonly maxCharacters: number;
}

interface Kept {
  readonly event: LogEvent;
  readonly at: number;
}

/** Events that may leave the window with the next commit. */
export interface Expiry {
  readonly count: number;
  /** Revisions of log rows that become superfluous. */
  readonly dropped: readonly number[];
  readonly compactedRevision: number;
}

/** Rows that only this event needed: the version it replaced, and a delete's own row. */
function rowsOf(event: LogEvent): number[] {
  const rows = event.previous === undefined ? [] : [event.previous.revision];
  return event.type === 'DELETED' ? [...rows, event.revision] : rows;
}

/** The recent past: every event after `compactedRevision`, in order. */
export class EventWindow {
  readonly #limits: WindowLimits;
  #kept: (Kept | undefined)[] = [];
  #head = 0;
  #characters = 0;
  #compactedRevision: number;

  constructor(compactedRevision: number, limits: WindowLimits) {
    this.#compactedRevision = compactedRevision;
    this.#limits = limits;
  }

  get compactedRevision(): number {
    return this.#compactedRevision;
  }

  get size(): number {
    return this.#kept.length - this.#head;
  }

  push(event: LogEvent, at: number): void {
    this.#kept.push({ event, at });
    this.#characters += event.entry.json.length;
  }

  /** Events below a prefix with revision > `after`. Throws RevisionCompactedError. */
  since(prefix: string, after: number): LogEvent[] {
    this.#requireRetained(after);
    const found: LogEvent[] = [];
    for (let i = this.#firstAfter(after); i < this.#kept.length; i++) {
      const event = this.#kept[i]?.event;
      if (event !== undefined && isBelow(event.entry.key, prefix)) found.push(event);
    }
    return found;
  }

  /** Undoes every event after `revision` in a map of current entries below `prefix`. Throws RevisionCompactedError. */
  rollBack(entries: Map<string, LogEntry>, prefix: string, revision: number): void {
    for (const event of this.since(prefix, revision).reverse()) {
      if (event.previous === undefined) entries.delete(event.entry.key);
      else entries.set(event.entry.key, event.previous);
    }
  }

  /** What to let go of, a bounded amount at a time so that no commit pays for all. */
  expired(now: number, incoming: number): Expiry {
    const most = Math.min(this.size, 64 + 2 * incoming);
    const dropped: number[] = [];
    let characters = this.#characters;
    let compactedRevision = this.#compactedRevision;
    let count = 0;
    for (; count < most; count++) {
      const oldest = this.#kept[this.#head + count];
      if (oldest === undefined || !this.#isOver(oldest, now, { events: this.size + incoming - count, characters }))
        break;
      characters -= oldest.event.entry.json.length;
      compactedRevision = oldest.event.revision;
      dropped.push(...rowsOf(oldest.event));
    }
    return { count, dropped, compactedRevision };
  }

  /** When the oldest event may leave, in the clock of `push`; undefined for an empty window. */
  get nextExpiry(): number | undefined {
    const oldest = this.#kept[this.#head];
    return oldest && oldest.at + this.#limits.retention;
  }

  /** Lets go of what `expired` named. */
  drop(expiry: Expiry): void {
    for (let i = 0; i < expiry.count; i++) {
      this.#characters -= this.#kept[this.#head + i]?.event.entry.json.length ?? 0;
      // The list is shortened rarely: until then the place is kept, not the event.
      this.#kept[this.#head + i] = undefined;
    }
    this.#head += expiry.count;
    this.#compactedRevision = Math.max(this.#compactedRevision, expiry.compactedRevision);
    if (this.#head <= 1024 && this.#head < this.#kept.length) return;
    this.#kept = this.#kept.slice(this.#head);
    this.#head = 0;
  }

  /** Forgets parsed forms: a reader of an old event may have wanted them. */
  release(): void {
    for (const kept of this.#kept) {
      kept?.event.entry.release();
      kept?.event.previous?.release();
    }
  }

  #isOver(oldest: Kept, now: number, would: { readonly events: number; readonly characters: number }): boolean {
    const { retention, maxEvents, maxCharacters } = this.#limits;
    return now - oldest.at > retention || would.events > maxEvents || would.characters > maxCharacters;
  }

  #requireRetained(revision: number): void {
    if (revision < this.#compactedRevision) throw new RevisionCompactedError(this.#compactedRevision);
  }

  #firstAfter(revision: number): number {
    let low = this.#head;
    let high = this.#kept.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = this.#kept[middle];
      if (at !== undefined && at.event.revision <= revision) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
