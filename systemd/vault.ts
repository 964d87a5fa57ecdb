import { execFile } from 'node:child_process';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ifAbsent } from './safe-path.ts';

/**
 * Folders that may not lie readable on disk: they live on tmpfs and rest encrypted in the state root. `folder` is
 * relative to both, `pods/<uid>`.
 */
export interface Vault {
  /** Brings back every folder that rests and isn't there: after a boot. Failures are told, not thrown. */
  openAll(): Promise<void>;
  /** The folder is about to change: from now on what rests is out of date, also for a later process. */
  touch(folder: string): Promise<void>;
  /**
   * Encrypts the folder as it is a moment later, in the background: once for all that changes together, and out of the way
   * of the start that it is for. Failures are told and tried again.
   */
  close(folder: string): void;
  /** Folders that were touched and not closed. */
  touched(): Promise<ReadonlySet<string>>;
  /** Removes the folder, and forgets it. */
  remove(folder: string): Promise<void>;
  /** Resolves when nothing is at work and nothing waits. */
  settled(): Promise<void>;
}

/** Runs a program; rejects when it fails. */
export type RunProgram = (program: string, args: readonly string[]) => Promise<unknown>;

/** Where a vault works. */
export interface VaultOptions {
  /** The folder on tmpfs. */
  readonly live: string;
  readonly state: string;
  /** Folder of the scripts `seal` and `unseal`. */
  readonly scripts?: string;
  readonly run?: RunProgram;
  readonly onError: (error: unknown, folder: string) => void;
}

/** Kinds of owners that have folders. */
const OWNERS = ['pods', 'cron'];
const RETRY_MS = 60_000;
/** A pod has started by then. Whoever cuts the power before has started it a second ago. */
const PAUSE_MS = 1_000;

/** Where a folder rests, below the state root. */
export function restingPlace(folder: string): string {
  return `${folder}/sealed/current`;
}

/** What a folder's credentials are called: one pod's can't be passed off as another's. */
export function credentialName(folder: string): string {
  return `quadshift.${folder.replaceAll('/', '.')}`;
}

const runProgram: RunProgram = (program, args) => promisify(execFile)(program, args);

class ScriptVault implements Vault {
  readonly #options: VaultOptions;
  readonly #marks: string;
  /** The last task of each folder. */
  readonly #tails = new Map<string, Promise<void>>();
  /** Folders that are to be closed in a moment. */
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  /** Folders that were touched since they were last read for encryption. */
  readonly #changed = new Set<string>();

  constructor(options: VaultOptions) {
    this.#options = options;
    this.#marks = join(options.live, 'unsealed');
  }

  async openAll(): Promise<void> {
    for (const kind of OWNERS) {
      const names = await readdir(join(this.#options.state, kind)).catch(ifAbsent([]));
      await Promise.all(names.map((name) => this.#open(`${kind}/${name}`)));
    }
  }

  async #open(folder: string): Promise<void> {
    const { live, state, onError } = this.#options;
    const rests = await isThere(join(state, restingPlace(folder)));
    if (!rests || (await isThere(join(live, folder)))) return;
    await this.#script('unseal', folder).catch((error: unknown) => onError(error, folder));
  }

  async touch(folder: string): Promise<void> {
    await mkdir(this.#marks, { recursive: true, mode: 0o700 });
    this.#changed.add(folder);
    await writeFile(this.#mark(folder), '');
  }

  close(folder: string): void {
    if (!this.#waiting.has(folder)) {
      this.#waiting.set(
        folder,
        setTimeout(() => this.#closeNow(folder), PAUSE_MS),
      );
    }
  }

  #closeNow(folder: string): void {
    this.#forget(folder);
    this.#enqueue(folder, async () => {
      this.#changed.delete(folder);
      await this.#script('seal', folder);
      if (!this.#changed.has(folder)) await rm(this.#mark(folder), { force: true });
    });
  }

  async touched(): Promise<ReadonlySet<string>> {
    const marks = await readdir(this.#marks).catch(ifAbsent([]));
    return new Set(marks.map((mark) => mark.replace('~', '/')));
  }

  #forget(folder: string): void {
    clearTimeout(this.#waiting.get(folder));
    this.#waiting.delete(folder);
  }

  remove(folder: string): Promise<void> {
    this.#forget(folder);
    return this.#enqueue(folder, async () => {
      await rm(join(this.#options.live, folder), { recursive: true, force: true });
      await rm(this.#mark(folder), { force: true });
    });
  }

  async settled(): Promise<void> {
    for (const folder of [...this.#waiting.keys()]) this.#closeNow(folder);
    while (this.#tails.size > 0) await Promise.all(this.#tails.values());
  }

  #mark(folder: string): string {
    return join(this.#marks, folder.replace('/', '~'));
  }

  #script(name: 'seal' | 'unseal', folder: string): Promise<unknown> {
    const { live, state, scripts = '/usr/lib/quadshift', run = runProgram } = this.#options;
    return run(join(scripts, name), [join(live, folder), join(state, restingPlace(folder)), credentialName(folder)]);
  }

  /** One thing at a time for a folder; what is asked for twice while it waits is done once more. */
  #enqueue(folder: string, task: () => Promise<void>): Promise<void> {
    const tail = (this.#tails.get(folder) ?? Promise.resolve()).then(task).catch(async (error: unknown) => {
      this.#options.onError(error, folder);
      if (await isThere(join(this.#options.live, folder))) {
        setTimeout(() => this.close(folder), RETRY_MS).unref();
      }
    });
    const done = tail.then(() => {
      if (this.#tails.get(folder) === done) this.#tails.delete(folder);
    });
    this.#tails.set(folder, done);
    return done;
  }
}

async function isThere(path: string): Promise<boolean> {
  return (await stat(path).catch(ifAbsent(undefined))) !== undefined;
}

/** A vault that `systemd-creds` guards, by way of our scripts. */
export function createVault(options: VaultOptions): Vault {
  return new ScriptVault(options);
}
