import type { Journal, JournalEntry, JournalQuery } from '../../systemd/journal.ts';
import type { LogInstance } from './log-instance.ts';
import { isPartial } from './log-lines.ts';

/** Which entries of the journal to read. */
export interface LogQuery {
  readonly podmanName: string;
  readonly instance: LogInstance;
  /** µs since the epoch: when the pod was made, so that an earlier pod of the same name isn't shown where the run isn't known. */
  readonly created: number;
  /** µs since the epoch. */
  readonly since: number | undefined;
  readonly tailLines: number | undefined;
  readonly follow: boolean;
  /** `Stdout` or `Stderr` only. */
  readonly stream?: string | undefined;
}

const FIELDS = ['PRIORITY', 'CONTAINER_PARTIAL_MESSAGE', 'CONTAINER_ID_FULL'];

/** The entries of one run of a container, in order. Ends with the last one, or on abort when following. */
export async function* readLogs(journal: Journal, query: LogQuery, signal: AbortSignal): AsyncGenerator<JournalEntry> {
  const id = query.instance.id ?? (await findId(journal, query, signal));
  const matches = [
    `CONTAINER_NAME=${query.podmanName}`,
    ...(id === undefined ? [] : [`CONTAINER_ID_FULL=${id}`]),
    ...ofStream(query),
  ];
  // A run that is known needs no bound: the pod may have been made while the clock was ahead.
  const since = id === undefined ? Math.max(query.created, query.since ?? 0) : query.since;
  const base = { matches, fields: FIELDS, ...(since === undefined ? {} : { since }) };
  const { tailLines, follow } = query;
  if (tailLines === 0 && !follow) return;
  const tail = tailLines === undefined ? {} : await findTail(journal, base, { count: tailLines, signal });
  yield* journal.read({ ...base, ...tail, follow }, { signal });
}

/** conmon gives what comes on stderr a journal priority of its own. */
function ofStream({ stream }: LogQuery): readonly string[] {
  if (stream === 'Stderr') return ['PRIORITY=3'];
  return stream === 'Stdout' ? ['PRIORITY=6'] : [];
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

interface Tail {
  readonly count: number;
  readonly signal: AbortSignal;
}

/**
 * Where the last lines begin: as many entries before the end, or, where lines are in pieces and entries aren't
 * lines, the time of the first piece.
 */
async function findTail(
  journal: Journal,
  base: JournalQuery,
  { count, signal }: Tail,
): Promise<Pick<JournalQuery, 'lines' | 'since'>> {
  let hasPieces = false;
  // One more than wanted: the first wanted entry may be the end of a line.
  for await (const entry of journal.read({ ...base, lines: count + 1 }, { signal })) hasPieces ||= isPartial(entry);
  if (!hasPieces || count === 0) return { lines: count };
  const starts: number[] = [];
  const open = new Map<string, number>();
  for await (const entry of journal.read(base, { signal })) {
    const stream = entry.fields['PRIORITY'] ?? '';
    const start = open.get(stream) ?? entry.realtime;
    if (isPartial(entry)) open.set(stream, start);
    else {
      open.delete(stream);
      starts.push(start);
      if (starts.length > count) starts.shift();
    }
  }
  return { since: starts[0] };
}
