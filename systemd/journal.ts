/** One journal entry. */
export interface JournalEntry {
  readonly cursor: string;
  /** µs since the epoch. */
  readonly realtime: number;
  /** MESSAGE, byte for byte. */
  readonly message: Uint8Array;
  /** Other string fields of the entry, by journal field name. */
  readonly fields: { readonly [name: string]: string };
}

/** What to read: every match must hold (`FIELD=value`; a value may be repeated for OR within one field). */
export interface JournalQuery {
  readonly matches: readonly string[];
  /** µs since the epoch; entries at or after. */
  readonly since?: number;
  /** The last n entries only. */
  readonly lines?: number;
  /** Which fields `fields` shall have; all of them unless told. Naming the few that are read makes reading cheaper. */
  readonly fields?: readonly string[];
  /** Keep on reading as entries arrive, until aborted. */
  readonly follow?: boolean;
}

/** The journal. The real one runs `journalctl -o json --all`; it and the fake pass `journal.conformance.ts`. */
export interface Journal {
  /**
   * Entries in order. Ends after the last entry, or on abort when following. Rejects with `JournalError` when the
   * journal can't be read.
   */
  read(query: JournalQuery, options?: { readonly signal?: AbortSignal }): AsyncIterable<JournalEntry>;
}

/** The journal can't be read, or the query makes no sense to it. */
export class JournalError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'JournalError';
  }
}
