import { BatchView, type PlannedWrite, planWrite } from './batch.ts';
import { EventWindow, type Expiry, type LogEvent, type WindowLimits } from './event-window.ts';
import { KeyIndex } from './key-index.ts';
import { LogEntry } from './log-entry.ts';
import type { LogRow, ObjectLog } from './object-log.ts';
import type { RestingStore, StoreEntry, StoreWatch, StoreWrite, WriteResult } from './store.ts';
import { StoreClosedError, StoreWriteError } from './store-errors.ts';
import { type Listener, WatchHub } from './watch-hub.ts';
import { WatchQueue } from './watch-queue.ts';

/** Knobs of a store; the defaults suit one machine. */
export interface StoreOptions {
  /** Milliseconds that history is kept for watches and lists to continue. Default 5 minutes. */
  readonly retention?: number;
  /** Most events kept. Default 10 000. */
  readonly maxEvents?: number;
  /** Most characters of serialized history kept in memory and on disk. Default 32 Mi. */
  readonly maxCharacters?: number;
  /** Events a watcher may lag behind before it is ended. Default 4096. */
  readonly watchCapacity?: number;
  /** Most writes committed in one transaction. Default 256. */
  readonly maxBatch?: number;
  /** Monotonic milliseconds. */
  readonly monotonic?: () => number;
  /** Hears of subscribers that threw; the default is a process warning. */
  readonly onListenerError?: (error: unknown) => void;
}

/** Milliseconds by which old events may outstay, so that many leave at once. */
const RETIREMENT_PAUSE = 10_000;

interface Pending {
  readonly write: StoreWrite;
  readonly resolve: (result: WriteResult) => void;
  readonly reject: (error: unknown) => void;
}

interface PlannedPending {
  readonly pending: Pending;
  readonly planned: PlannedWrite;
}

function limitsOf(options: StoreOptions): WindowLimits {
  return {
    retention: options.retention ?? 300_000,
    maxEvents: options.maxEvents ?? 10_000,
    maxCharacters: options.maxCharacters ?? 32 * 1024 * 1024,
  };
}

function rowOf(event: LogEvent): LogRow {
  const { key, revision, createRevision, json } = event.entry;
  return { key, revision, createRevision, json, type: event.type };
}

/**
 * The object store over a log: everything is read from memory, every change goes through one queue that is
 * committed in batches. **Invariant: memory changes only after the log has accepted the batch.**
 */
export class LogStore implements RestingStore {
  readonly #log: ObjectLog;
  readonly #options: StoreOptions;
  readonly #index = new KeyIndex();
  readonly #window: EventWindow;
  readonly #hub: WatchHub;
  readonly #watches = new Set<WatchQueue>();
  /** What has left memory with nothing written: its rows go with the next commits, oldest first. */
  readonly #owed: Expiry[] = [];
  #retiring: NodeJS.Timeout | undefined;
  #pending: Pending[] = [];
  #scheduled = false;
  #closed = false;
  #revision = 0;
  /** Highest revision ever assigned, also to writes whose commit failed. */
  #assigned = 0;

  constructor(log: ObjectLog, options: StoreOptions = {}) {
    this.#log = log;
    this.#options = options;
    this.#hub = new WatchHub(options.onListenerError ?? warn);
    const content = log.load();
    this.#window = new EventWindow(content.compactedRevision, limitsOf(options));
    this.#revision = content.compactedRevision;
    this.#replay(content.rows);
    this.#assigned = this.#revision;
  }

  get revision(): number {
    return this.#revision;
  }

  get compactedRevision(): number {
    return this.#window.compactedRevision;
  }

  get(key: string): StoreEntry | undefined {
    return this.#index.get(key);
  }

  list(prefix: string): readonly StoreEntry[] {
    return this.#index.list(prefix);
  }

  listAt(prefix: string, revision: number): readonly StoreEntry[] {
    if (revision >= this.#revision) return this.list(prefix);
    const entries = new Map(this.#index.list(prefix).map((entry) => [entry.key, entry]));
    this.#window.rollBack(entries, prefix, revision);
    return [...entries.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  write(write: StoreWrite): Promise<WriteResult> {
    if (this.#closed) return Promise.reject(new StoreClosedError());
    return new Promise((resolve, reject) => {
      this.#pending.push({ write, resolve, reject });
      this.#schedule();
    });
  }

  watch(prefix: string, after: number): StoreWatch {
    if (this.#closed) throw new StoreClosedError();
    const queue = new WatchQueue(this.#window.since(prefix, after), this.#options.watchCapacity ?? 4096);
    const from = Math.max(after, this.#revision);
    const unsubscribe = this.#hub.subscribe(prefix, from, (events) => queue.push(events));
    this.#watches.add(queue);
    queue.onEnd(() => {
      unsubscribe();
      this.#watches.delete(queue);
    });
    return queue;
  }

  subscribe(prefix: string, listener: Listener): () => void {
    return this.#hub.subscribe(prefix, this.#revision, listener);
  }

  rest(): void {
    for (const entry of this.#index.values()) entry.release();
    this.#window.release();
    this.#log.rest();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    while (this.#pending.length > 0) this.#flush();
    this.#closed = true;
    clearTimeout(this.#retiring);
    for (const watch of [...this.#watches]) watch.close();
    this.#log.close();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#flush();
      if (this.#pending.length > 0) this.#schedule();
    });
  }

  #flush(): void {
    const batch = this.#pending.splice(0, this.#options.maxBatch ?? 256);
    if (batch.length === 0) return;
    const planned = this.#plan(batch);
    const events = planned.flatMap(({ planned: { event } }) => (event === undefined ? [] : [event]));
    try {
      if (events.length > 0) this.#commit(events);
    } catch (cause) {
      const error = new StoreWriteError(cause);
      for (const { pending } of planned) pending.reject(error);
      return;
    }
    for (const {
      pending,
      planned: { result },
    } of planned)
      pending.resolve(result);
    this.#hub.publish(events);
    for (const event of events) releaseSuperseded(event);
  }

  #plan(batch: readonly Pending[]): PlannedPending[] {
    const view = new BatchView((key) => this.#index.get(key));
    const all: PlannedPending[] = [];
    for (const pending of batch) {
      try {
        const planned = planWrite(view, pending.write, this.#assigned + 1);
        if (planned.event !== undefined) {
          this.#assigned++;
          view.apply(planned.event);
        }
        all.push({ pending, planned });
      } catch (error) {
        pending.reject(error);
      }
    }
    return all;
  }

  #commit(events: readonly LogEvent[]): void {
    const now = this.#now();
    const [owed] = this.#owed;
    const expiry = owed ?? this.#window.expired(now, events.length);
    const { dropped, compactedRevision } = expiry;
    this.#log.commit({ rows: events.map(rowOf), dropped, compactedRevision });
    if (owed) this.#owed.shift();
    else this.#window.drop(expiry);
    for (const event of events) this.#apply(event, now);
    this.#retireLater();
  }

  /** Nobody writes at night: history leaves memory by itself, and the disk with the next write. */
  #retireLater(): void {
    const due = this.#window.nextExpiry;
    if (this.#retiring || this.#closed || due === undefined) return;
    const retire = (): void => {
      this.#retiring = undefined;
      this.#retire();
      this.#retireLater();
    };
    this.#retiring = setTimeout(retire, Math.max(0, due - this.#now()) + RETIREMENT_PAUSE);
    this.#retiring.unref();
  }

  #retire(): void {
    for (;;) {
      const expiry = this.#window.expired(this.#now(), 0);
      if (expiry.count === 0) return;
      this.#window.drop(expiry);
      this.#owed.push(expiry);
    }
  }

  #apply(event: LogEvent, now: number): void {
    if (event.type === 'DELETED') this.#index.delete(event.entry.key);
    else this.#index.set(event.entry);
    this.#window.push(event, now);
    this.#revision = event.revision;
  }

  #replay(rows: Iterable<LogRow>): void {
    const live = new Map<string, LogEntry>();
    const now = this.#now();
    for (const row of rows) {
      const entry = new LogEntry(row);
      const event = { type: row.type, revision: row.revision, entry, previous: live.get(row.key) };
      if (row.type === 'DELETED') live.delete(row.key);
      else live.set(row.key, entry);
      if (row.revision > this.#window.compactedRevision) this.#window.push(event, now);
      this.#revision = Math.max(this.#revision, row.revision);
    }
    this.#index.load(live.values());
    this.#retireLater();
  }

  #now(): number {
    return this.#options.monotonic?.() ?? performance.now();
  }
}

/** Old versions keep their text only: see LogEntry. */
function releaseSuperseded(event: LogEvent): void {
  event.previous?.release();
  if (event.type === 'DELETED') event.entry.release();
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
