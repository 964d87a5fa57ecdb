import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * The images that were pulled for pods, by id: only these are ever removed again, as the machine's images have other
 * users, too. Kept over restarts.
 */
export interface PulledImages {
  all(): Promise<readonly string[]>;
  add(id: string): Promise<void>;
  delete(ids: readonly string[]): Promise<void>;
}

/** Kept in a file of one id per line. A file that is lost costs nothing but the right to remove what it named. */
export function createPulledImages(file: string): PulledImages {
  let loaded: Promise<ReadonlySet<string>> | undefined;
  const all = (): Promise<ReadonlySet<string>> => (loaded ??= load(file));
  let tail: Promise<void> = Promise.resolve();
  const change = (edit: (ids: ReadonlySet<string>) => ReadonlySet<string>): Promise<void> => {
    const run = tail.then(async () => {
      const before = await all();
      const after = edit(before);
      if (after.size === before.size) return;
      await save(file, after);
      loaded = Promise.resolve(after);
    });
    tail = run.catch(() => undefined);
    return run;
  };
  return {
    all: async () => [...(await all())],
    add: (id) => change((ids) => new Set([...ids, id])),
    delete: (gone) => change((ids) => new Set([...ids].filter((id) => !gone.includes(id)))),
  };
}

async function load(file: string): Promise<ReadonlySet<string>> {
  const text = await readFile(file, 'utf8').catch(() => '');
  return new Set(text.split('\n').filter((line) => line !== ''));
}

async function save(file: string, ids: ReadonlySet<string>): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, [...ids, ''].join('\n'), { mode: 0o600 });
  await rename(`${file}.new`, file);
}
