import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ProbeResults } from '../../translators/formats/probe-results.ts';

/** The folder of results, one file per pod. It lies in memory (`/run`): nothing is synced to a disk. */
export interface ResultsFiles {
  readAll(): Promise<readonly ProbeResults[]>;
  /** Writes after one another, and only the newest of what waits. */
  write(results: ProbeResults): Promise<void>;
  remove(uid: string): Promise<void>;
}

/** The files below `folder`, which is made when it isn't there. */
export function createResultsFiles(folder: string): ResultsFiles {
  const pending = new Map<string, ProbeResults | undefined>();
  let queue: Promise<void> = Promise.resolve();
  const flush = async (): Promise<void> => {
    const batch = [...pending];
    pending.clear();
    for (const [uid, results] of batch) {
      if (results === undefined) await rm(join(folder, `${uid}.json`), { force: true });
      else await replaceFile(folder, results);
    }
  };
  const submit = (uid: string, results: ProbeResults | undefined): Promise<void> => {
    pending.set(uid, results);
    queue = queue.catch(() => undefined).then(flush);
    return queue;
  };
  return {
    readAll: async () => {
      await mkdir(folder, { recursive: true });
      const names = (await readdir(folder)).filter((name) => name.endsWith('.json') && !name.startsWith('.'));
      const all = await Promise.all(names.map((name) => readResults(folder, name.slice(0, -'.json'.length))));
      return all.filter((results) => results !== undefined);
    },
    write: (results) => submit(results.uid, results),
    remove: (uid) => submit(uid, undefined),
  };
}

/** One pod's results; undefined when there are none, or none that can be read. */
export async function readResults(folder: string, uid: string): Promise<ProbeResults | undefined> {
  try {
    return JSON.parse(await readFile(join(folder, `${uid}.json`), 'utf8'));
  } catch {
    return undefined;
  }
}

async function replaceFile(folder: string, results: ProbeResults): Promise<void> {
  const path = join(folder, `${results.uid}.json`);
  const temporary = join(folder, `.${results.uid}.new`);
  await mkdir(folder, { recursive: true });
  await writeFile(temporary, `${JSON.stringify(results)}\n`);
  await rename(temporary, path);
}
