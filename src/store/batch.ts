import type { LogEvent } from './event-window.ts';
import { type LogEntry, makeEntry } from './log-entry.ts';
import type { StoreWrite, WriteResult } from './store.ts';

/** How one write of a batch would end; `event` when it changes something. */
export interface PlannedWrite {
  readonly result: WriteResult;
  readonly event?: LogEvent;
}

/** The state that a batch sees: what is committed, with the batch's own earlier writes laid over it. */
export class BatchView {
  readonly #committed: (key: string) => LogEntry | undefined;
  readonly #overlay = new Map<string, LogEntry | undefined>();

  constructor(committed: (key: string) => LogEntry | undefined) {
    this.#committed = committed;
  }

  get(key: string): LogEntry | undefined {
    return this.#overlay.has(key) ? this.#overlay.get(key) : this.#committed(key);
  }

  /** Lets later writes of the batch see an event. */
  apply(event: LogEvent): void {
    this.#overlay.set(event.entry.key, event.type === 'DELETED' ? undefined : event.entry);
  }
}

/** Checks a write's condition against a view and makes its event at `revision`. Throws if the object can't be serialized. */
export function planWrite(view: BatchView, write: StoreWrite, revision: number): PlannedWrite {
  const current = view.get(write.key);
  if (write.type === 'create') {
    if (current !== undefined) return { result: { outcome: 'exists', current } };
    const entry = makeEntry({ key: write.key, revision, createRevision: revision }, write.object);
    return planned({ type: 'ADDED', revision, entry, previous: undefined });
  }
  if (current === undefined) return { result: { outcome: 'missing' } };
  if (current.revision !== write.expectedRevision) return { result: { outcome: 'conflict', current } };
  const place = { key: write.key, revision, createRevision: current.createRevision };
  const entry = makeEntry(place, write.object ?? current.object);
  return planned({ type: write.type === 'delete' ? 'DELETED' : 'MODIFIED', revision, entry, previous: current });
}

function planned(event: LogEvent): PlannedWrite {
  return { result: { outcome: 'ok', entry: event.entry }, event };
}
