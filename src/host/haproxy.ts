import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

/** Files of HAProxy's folder by name; `haproxy.cfg` is one of them. */
export interface HaproxyFiles {
  readonly config: string;
  readonly files: readonly { readonly name: string; readonly content: string }[];
}

/** What the running router shall have otherwise; names and words are plain. */
export type HaproxyChange =
  | {
      readonly type: 'add';
      readonly backend: string;
      readonly name: string;
      readonly weight: number;
      /** Address and options. */
      readonly words: readonly string[];
    }
  | { readonly type: 'weigh'; readonly backend: string; readonly name: string; readonly weight: number }
  | { readonly type: 'remove'; readonly backend: string; readonly name: string };

/** The router. Rejects with `HaproxyError`. */
export interface Haproxy {
  /** What HAProxy has to say against files, beside the live ones; undefined when it would take them. */
  check(files: HaproxyFiles): Promise<string | undefined>;
  /**
   * Gives the running one other servers, one after the other, without a reload. Rejects at the first that it doesn't
   * take: then it has to read its files again.
   */
  change(changes: readonly HaproxyChange[]): Promise<void>;
  /** Makes the running one read its files again; resolves when the new ones are in use. Connections stay. */
  reload(): Promise<void>;
}

/** HAProxy can't be run or reached, or didn't take what it shall load. */
export class HaproxyError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HaproxyError';
  }
}

/** Longest time that a check or a reload may take. */
const TIMEOUT_MS = 30_000;

/** Where HAProxy is found. */
export interface HaproxyOptions {
  /** Socket of the running master. */
  readonly masterSocket: string;
  /** Folder for files to be checked, of the machine's memory as there are keys among them. */
  readonly scratch: string;
  readonly program?: string;
}

/** haproxy(1) as a child process for checks, and the master's socket of the running one. */
export function createHaproxy({ masterSocket, scratch, program = 'haproxy' }: HaproxyOptions): Haproxy {
  return {
    check: async (files) => {
      const folder = await mkdtemp(join(scratch, 'router-check-'));
      try {
        const all = [{ name: 'haproxy.cfg', content: files.config }, ...files.files];
        await Promise.all(all.map(({ name, content }) => writeFile(join(folder, name), content, { mode: 0o600 })));
        return await complaint(program, join(folder, 'haproxy.cfg'));
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },
    change: changer((line) => ask(masterSocket, `@1 ${line}`)),
    reload: async () => {
      // The master answers so, and what the new worker said, when that has taken over.
      const answer = await ask(masterSocket, 'reload');
      if (!answer.startsWith('Success=1')) throw new HaproxyError(`reload: ${answer.trim() || 'no answer'}`);
    },
  };
}

function complaint(program: string, path: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    // Not `-q`: it would silence the complaints, too. While it reads files it hears no other signal: seen in a list of
    // certificates with a carriage return, which it reads for ever.
    execFile(program, ['-c', '-f', path], { timeout: TIMEOUT_MS, killSignal: 'SIGKILL' }, (error, _stdout, stderr) => {
      if (error === null) resolve(undefined);
      else if (typeof error.code === 'number') resolve(alerts(stderr));
      else reject(new HaproxyError(`cannot run ${program}: ${error.message}`, { cause: error }));
    });
  });
}

/** The first lines that say what is wrong, without where our copy was. */
function alerts(stderr: string): string {
  const lines = stderr.split('\n').flatMap((line) => /^\[ALERT\]\s+\(\d+\) : (.*)$/.exec(line)?.[1] ?? []);
  const text = lines.slice(0, 3).join('; ') || stderr.trim();
  return text.replace(/\S*\/router-check-[^/\s]*\//g, '').slice(0, 1024);
}

/** Runs changes on the worker's command line. A server that still has connections stays, unused, until they end. */
function changer(command: (line: string) => Promise<string>): Haproxy['change'] {
  const leaving = new Set<string>();
  /** The answer to a command that says nothing when all is well. */
  const must = async (line: string): Promise<void> => {
    const answer = (await command(line)).trim();
    if (answer !== '') throw new HaproxyError(`${line}: ${answer}`);
  };
  const add = async (id: string, weight: number, words: readonly string[]): Promise<void> => {
    const line = `add server ${id} ${words.join(' ')} weight ${weight}`;
    const answer = await command(line);
    // It was here before, and had connections when it left.
    const known = answer.includes('Already exists');
    if (!known && !answer.includes('New server registered')) throw new HaproxyError(`${line}: ${answer.trim()}`);
    if (known) await must(`set server ${id} weight ${weight}`);
    await must(`set server ${id} state ready`);
    leaving.delete(id);
  };
  const run = async (change: HaproxyChange): Promise<void> => {
    const id = `${change.backend}/${change.name}`;
    if (change.type === 'add') return add(id, change.weight, change.words);
    if (change.type === 'weigh') return must(`set server ${id} weight ${change.weight}`);
    await must(`set server ${id} state maint`);
    leaving.add(id);
  };
  return async (changes) => {
    for (const change of changes) await run(change);
    for (const id of leaving) {
      const answer = await command(`del server ${id}`);
      if (/Server deleted|No such server/.test(answer)) leaving.delete(id);
    }
  };
}

/** One command for the master, its whole answer. */
function ask(path: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let answer = '';
    const fail = (why: string, cause?: Error): void => reject(new HaproxyError(`${line}: ${why}`, { cause }));
    socket.setTimeout(TIMEOUT_MS, () => {
      fail(`no answer in ${TIMEOUT_MS} ms`);
      socket.destroy();
    });
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.end(`${line}\n`));
    socket.on('data', (text: string) => {
      answer = (answer + text).slice(0, 4096);
    });
    socket.on('error', (cause) => fail(cause.message, cause));
    socket.on('close', () => resolve(answer));
  });
}
