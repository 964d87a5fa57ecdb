import type { Journal, JournalEntry, JournalQuery } from './journal.ts';

/** A journal in memory. */
export interface FakeJournal extends Journal {
  /** Appends an entry; its time is that of the previous one plus a millisecond unless told. */
  append(message: string | Uint8Array, fields: { readonly [name: string]: string }, realtime?: number): void;
}

/** An empty journal. */
export function createFakeJournal(): FakeJournal {
  const entries: JournalEntry[] = [];
  const wakeUps = new Set<() => void>();
  return {
    append: (message, fields, realtime) => {
      const last = entries.at(-1)?.realtime ?? 1_800_000_000_000_000;
      const bytes = typeof message === 'string' ? new TextEncoder().encode(message) : message;
      entries.push({
        cursor: `s=fake;i=${entries.length}`,
        realtime: realtime ?? last + 1_000,
        message: bytes,
        fields,
      });
      for (const wakeUp of wakeUps) wakeUp();
    },
    read: (query, options) => read(entries, wakeUps, query, options?.signal),
  };
}

async function* read(
  entries: readonly JournalEntry[],
  wakeUps: Set<() => void>,
  query: JournalQuery,
  signal?: AbortSignal,
): AsyncGenerator<JournalEntry> {
  const past = entries.filter((entry) => matches(entry, query));
  let position = entries.length;
  if (signal?.aborted) return;
  yield* query.lines === undefined ? past : past.slice(Math.max(0, past.length - query.lines));
  while (query.follow === true && !signal?.aborted) {
    const fresh = entries.slice(position);
    position = entries.length;
    yield* fresh.filter((entry) => matches(entry, query));
    if (position === entries.length) await nextAppend(wakeUps, signal);
  }
}

function nextAppend(wakeUps: Set<() => void>, signal?: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  wakeUps.add(resolve);
  if (signal?.aborted) resolve();
  signal?.addEventListener('abort', () => resolve(), { once: true });
  return promise.finally(() => wakeUps.delete(resolve));
}

/** Every field holds one of the values asked for it. */
function matches(entry: JournalEntry, query: JournalQuery): boolean {
  if (entry.realtime < (query.since ?? 0)) return false;
  const wanted = Map.groupBy(query.matches, (match) => match.slice(0, match.indexOf('=')));
  return [...wanted].every(([field, alternatives]) => alternatives.includes(`${field}=${entry.fields[field] ?? ''}`));
}
