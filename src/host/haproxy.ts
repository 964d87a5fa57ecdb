import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';

/** Files of HAProxy's folder by name; `haproxy.cfg` is one of them. */
export interface HaproxyFiles {
  readonly config: string;
  readonly files: readonly { readonly name: string; readonly content: string }[];
}

/** The router. Rejects with `HaproxyError`. */
export interface Haproxy {
  /** What HAProxy has to say against files, beside the live ones; undefined when it would take them. */
  check(files: HaproxyFiles): Promise<string | undefined>;
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
    reload: () => reload(masterSocket),
  };
}

function complaint(program: string, path: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    execFile(program, ['-c', '-q', '-f', path], { timeout: TIMEOUT_MS }, (error, _stdout, stderr) => {
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

/** The master answers `Success=1`, and what the new worker said, when that has taken over. */
function reload(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    let answer = '';
    const fail = (why: string, cause?: Error): void => reject(new HaproxyError(`reload: ${why}`, { cause }));
    socket.setTimeout(TIMEOUT_MS, () => {
      fail(`no answer in ${TIMEOUT_MS} ms`);
      socket.destroy();
    });
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.write('reload\n'));
    socket.on('data', (text: string) => {
      answer = (answer + text).slice(0, 4096);
    });
    socket.on('error', (cause) => fail(cause.message, cause));
    socket.on('close', () => (answer.startsWith('Success=1') ? resolve() : fail(answer.trim() || 'no answer')));
  });
}
