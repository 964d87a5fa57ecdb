import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { type Journal, type JournalEntry, JournalError, type JournalQuery } from './journal.ts';
import { parseJournalLine } from './journal-entry.ts';

/** The journal through journalctl(1), one process per read. `program` is for tests. */
export function createJournalctl(program = 'journalctl'): Journal {
  return { read: (query, options) => read(program, query, options?.signal) };
}

/** The argument vector for a query. Throws on a match that isn't `FIELD=value`. */
export function journalctlArguments(query: JournalQuery): readonly string[] {
  const wrong = query.matches.find((match) => !/^[A-Z0-9_]+=/.test(match));
  if (wrong !== undefined) throw new JournalError(`a journal match must be FIELD=value, not ${JSON.stringify(wrong)}`);
  return [
    '--output=json',
    '--all',
    '--no-pager',
    '--quiet',
    ...(query.fields === undefined ? [] : [`--output-fields=${['MESSAGE', ...query.fields].join(',')}`]),
    ...(query.since === undefined ? [] : [`--since=@${seconds(query.since)}`]),
    ...(query.follow === true ? ['--follow'] : []),
    // Without a number, --follow would begin ten lines before the end.
    `--lines=${query.lines ?? 'all'}`,
    '--',
    ...query.matches,
  ];
}

function seconds(microseconds: number): string {
  return `${Math.floor(microseconds / 1e6)}.${String(Math.floor(microseconds % 1e6)).padStart(6, '0')}`;
}

async function* read(program: string, query: JournalQuery, signal?: AbortSignal): AsyncGenerator<JournalEntry> {
  if (signal?.aborted) return;
  const child = spawn(program, journalctlArguments(query), { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = childEnd(child);
  const kill = (): void => void child.kill('SIGTERM');
  signal?.addEventListener('abort', kill, { once: true });
  try {
    for await (const line of linesOf(child.stdout)) {
      if (signal?.aborted) return;
      yield parseJournalLine(line);
    }
    const failure = await ended;
    if (failure !== undefined && !signal?.aborted) throw failure;
  } finally {
    signal?.removeEventListener('abort', kill);
    kill();
  }
}

/** Complete lines; a journal line may be as long as the largest message. */
async function* linesOf(stream: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of stream.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    yield* lines.filter((line) => line !== '');
  }
}

/** Resolves when the child is gone; with an error when it failed by itself. Never rejects. */
async function childEnd(child: ChildProcess): Promise<JournalError | undefined> {
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = `${stderr}${text}`.slice(-2_000);
  });
  try {
    const [status] = await once(child, 'close');
    return status === 0 || status === null ? undefined : new JournalError(`journalctl: ${stderr.trim()}`);
  } catch (cause) {
    return new JournalError('journalctl can not be run', { cause });
  }
}
