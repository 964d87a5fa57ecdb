import type { StoreEvent } from './store.ts';

/** A row of the log. For DELETED, `json` is the last version with the delete's resourceVersion. */
export interface LogRow {
  readonly revision: number;
  readonly key: string;
  readonly type: StoreEvent['type'];
  readonly createRevision: number;
  readonly json: string;
}

/** One transaction: rows to append and rows that compaction takes away. */
export interface LogBatch {
  readonly rows: readonly LogRow[];
  /** Revisions of rows that nobody needs any more. */
  readonly dropped: readonly number[];
  /** Oldest revision from which the log is complete after this batch. */
  readonly compactedRevision: number;
}

/** What a log holds when it is opened: up to `compactedRevision` one row per live key, after it every row. */
export interface LogContent {
  readonly rows: Iterable<LogRow>;
  readonly compactedRevision: number;
}

/**
 * Where the log rests. The store above it keeps everything in memory and hands down whole transactions.
 * `commit` returns when the batch is durable and throws when none of it is.
 */
export interface ObjectLog {
  load(): LogContent;
  commit(batch: LogBatch): void;
  /** Replaces the text of rows that are there; nothing of the old one is left on disk. */
  rewrite(rows: readonly LogRow[]): void;
  /** Lets go of memory that it can do without until the next commit. */
  rest(): void;
  close(): void;
}
