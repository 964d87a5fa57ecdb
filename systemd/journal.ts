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
  /** Keep on reading as entries arrive, until aborted. */
  readonly follow?: boolean;
}

/** The journal. The real one runs `journalctl -o json --all`. */
export interface Journal {
  /** Entries in order. Ends after the last entry, or on abort when following. */
  read(query: JournalQuery, options?: { readonly signal?: AbortSignal }): AsyncIterable<JournalEntry>;
}
