import { LogStore, type StoreOptions } from './log-store.ts';
import type { LogBatch, LogRow, ObjectLog } from './object-log.ts';
import type { Store } from './store.ts';

/** A log that remembers rows in memory alone; `load` hands back what was committed, as a disk would. */
export class MemoryLog implements ObjectLog {
  readonly #rows = new Map<number, LogRow>();
  #compactedRevision = 0;
  /** When set, the next commit throws it and does nothing. */
  failure: Error | undefined;

  load(): { readonly rows: Iterable<LogRow>; readonly compactedRevision: number } {
    return { rows: [...this.#rows.values()], compactedRevision: this.#compactedRevision };
  }

  commit(batch: LogBatch): void {
    const failure = this.failure;
    this.failure = undefined;
    if (failure !== undefined) throw failure;
    for (const row of batch.rows) this.#rows.set(row.revision, row);
    for (const revision of batch.dropped) this.#rows.delete(revision);
    this.#compactedRevision = batch.compactedRevision;
  }

  rewrite(rows: readonly LogRow[]): void {
    for (const row of rows) this.#rows.set(row.revision, row);
  }

  rest(): void {}

  close(): void {}
}

/** A store that forgets everything with the process; for tests and `--dry-run` tools. */
export function createMemoryStore(options: StoreOptions = {}): Store {
  return new LogStore(new MemoryLog(), options);
}
