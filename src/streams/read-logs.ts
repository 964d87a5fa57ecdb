import type { Journal, JournalEntry, JournalQuery } from '../../systemd/journal.ts';
import type { LogInstance } from './log-instance.ts';
import { isPartial } from './log-lines.ts';

/** Which entries of the journal to read. */
export interface LogQuery {
  readonly podmanName: string;
  readonly instance: LogInstance;
  /** µs since the epoch: when the pod was made, so that an earlier pod of the same name isn't shown. */
  readonly created: number;
  /** µs since the epoch. */
  readonly since: number | undefined;
  readonly tailLines: number | undefined;
  readonly follow: boolean;
}

const FIELDS = ['PRIORITY', 'CONTAINER_PARTIAL_MESSAGE', 'CONTAINER_ID_FULL'];

/** The entries of one run of a container, in order. Ends with the last one, or on abort when following. */
export async function* readLogs(journal: Journal, query: LogQuery, signal: AbortSignal): AsyncGenerator<JournalEntry> {
  const id = query.instance.id ?? (await findId(journal, query, signal));
  const matches = [`CONTAINER_NAME=${query.podmanName}`, ...(id === undefined ? [] : [`CONTAINER_ID_FULL=${id}`])];
  const since = Math.max(query.created, query.since ?? 0);
  const base = { matches, since, fields: FIELDS };
  const { tailLines, follow } = query;
  if (tailLines === undefined) yield* journal.read({ ...base, follow }, { signal });
  else if (follow) yield* journal.read({ ...base, follow, lines: tailLines }, { signal });
  else if (tailLines > 0) yield* lastLines(journal, base, tailLines, signal);
}

/** Runs are told apart by their ids: the last one in the journal, or the one before. */
async function findId(journal: Journal, query: LogQuery, signal: AbortSignal): Promise<string | undefined> {
  const ids = new Set<string>();
  const wanted = { matches: [`CONTAINER_NAME=${query.podmanName}`], since: query.created, fields: FIELDS };
  for await (const entry of journal.read(wanted, { signal })) {
    const id = entry.fields['CONTAINER_ID_FULL'];
    if (id === undefined) continue;
    ids.delete(id);
    ids.add(id);
  }
  return [...ids].at(query.instance.position === 'last' ? -1 : -2);
}

/** The last lines; where lines are in pieces, entries aren't lines and everything is read to count them. */
async function* lastLines(
  journal: Journal,
  base: JournalQuery,
  count: number,
  signal: AbortSignal,
): AsyncGenerator<JournalEntry> {
  const entries: JournalEntry[] = [];
  for await (const entry of journal.read({ ...base, lines: count }, { signal })) entries.push(entry);
  if (!entries.some(isPartial)) {
    yield* entries;
    return;
  }
  const lines: JournalEntry[][] = [[]];
  for await (const entry of journal.read(base, { signal })) {
    lines.at(-1)?.push(entry);
    if (!isPartial(entry)) lines.push([]);
    if (lines.length > count + 1) lines.shift();
  }
  const [, ...rest] = lines;
  yield* (lines.at(-1)?.length === 0 ? lines : rest).flat();
}
