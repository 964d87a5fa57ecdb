import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DesiredFiles } from './desired-files.ts';
import { type FolderWatches, watchFolders } from './folder-watches.ts';
import { ifAbsent } from './safe-path.ts';
import type { UnitDirectory, UnitDrift, UnitRoots } from './unit-directory.ts';

/** How long a file is left alone after it was changed: editors and we ourselves write in several steps, and a pod is started by then. */
const SETTLE_MS = 1_000;
/** Longest description of a difference. */
const MOST_OF_DIFF = 600;

interface Expected {
  readonly owner: string;
  readonly content: string;
}

/** The lines that went and came, in their order. */
export function lineDifference(wanted: string, found: string): string {
  const [before, after] = [wanted.split('\n'), found.split('\n')];
  const gone = before.filter((line) => !after.includes(line)).map((line) => `-${line}`);
  const come = after.filter((line) => !before.includes(line)).map((line) => `+${line}`);
  const text = [...gone, ...come].join('\n');
  return text.length > MOST_OF_DIFF ? `${text.slice(0, MOST_OF_DIFF)}…` : text;
}

/** Units and Quadlets by `<root>/<path>`; other files aren't anybody's to edit. */
function unitsOf({ owner, files }: DesiredFiles): readonly (readonly [string, Expected])[] {
  return files
    .filter(({ root }) => root === 'quadlet' || root === 'unit')
    .map(({ root, path, content }) => [`${root}/${path}`, { owner, content: content.toString() }]);
}

const ROOTS = ['quadlet', 'unit'] as const;
type DriftRoot = (typeof ROOTS)[number];
type Watches = { readonly [root in DriftRoot]: FolderWatches };

/** The drop-ins' folder that a file is in, by root; undefined for what lies in a root itself. */
function dropInOf(key: string): readonly [DriftRoot, string] | undefined {
  const [, root, folder] = /^(quadlet|unit)\/(.+)\/[^/]+$/.exec(key) ?? [];
  return folder === undefined ? undefined : [root as DriftRoot, folder];
}

/**
 * A directory that notices when somebody else edits or deletes one of its units or their drop-ins: it remembers what it
 * wrote, and compares when the kernel tells of a change. Where the kernel can't tell, the resync finds what has changed.
 */
export function withDrift(directory: UnitDirectory, roots: UnitRoots): UnitDirectory {
  const expected = new Map<string, Expected>();
  let watches: Watches | undefined;
  const forget = (owner: string): readonly string[] => {
    const forgotten = [...expected].filter(([, one]) => one.owner === owner).map(([key]) => key);
    for (const key of forgotten) expected.delete(key);
    return forgotten;
  };
  const each = (keys: Iterable<string>, verb: keyof FolderWatches): void => {
    for (const key of keys) {
      const place = dropInOf(key);
      if (place !== undefined) watches?.[place[0]][verb](place[1]);
    }
  };
  const working = createWork();
  const driftOf = async (root: DriftRoot, path: string): Promise<UnitDrift | undefined> => {
    await working.done(expected.get(`${root}/${path}`)?.owner);
    const wanted = expected.get(`${root}/${path}`);
    if (wanted === undefined) return undefined;
    const found = await readFile(join(roots[root], path), 'utf8').catch(ifAbsent(undefined));
    // It may have been written anew, or taken off, in the meantime; or that is under way.
    if (working.isBusy(wanted.owner) || found === wanted.content || expected.get(`${root}/${path}`) !== wanted)
      return undefined;
    const difference = found === undefined ? undefined : lineDifference(wanted.content, found);
    return { owner: wanted.owner, root, path, difference };
  };
  /** The file itself, or all that should be in a folder that came or went. */
  const keysAt = (key: string): readonly string[] => {
    if (expected.has(key)) return [key];
    return key.endsWith('.d') ? [...expected.keys()].filter((one) => one.startsWith(`${key}/`)) : [];
  };
  return {
    ...directory,
    apply: async (desired) => {
      const forgotten = desired.flatMap(({ owner, within }) => (within === undefined ? forget(owner) : []));
      const written = desired.flatMap(unitsOf);
      for (const [key, value] of written) expected.set(key, value);
      const change = await working.track(
        desired.map(({ owner }) => owner),
        directory.apply(desired),
      );
      each(
        forgotten.filter((key) => !expected.has(key)),
        'unfollow',
      );
      each(
        written.map(([key]) => key),
        'follow',
      );
      return change;
    },
    remove: async (owners) => {
      each(owners.flatMap(forget), 'unfollow');
      return directory.remove(owners);
    },
    watch: (listener, { signal }) => {
      const tell = (drift: UnitDrift | undefined): void => {
        if (drift !== undefined && !signal.aborted) listener(drift);
      };
      const watchRoot = (root: DriftRoot): FolderWatches => {
        const look = settled((path) => driftOf(root, path).then(tell, () => undefined));
        const changed = (path: string): void => {
          for (const key of keysAt(`${root}/${path}`)) look(key.slice(root.length + 1));
        };
        return watchFolders(roots[root], changed, signal);
      };
      watches = { quadlet: watchRoot('quadlet'), unit: watchRoot('unit') };
      each(expected.keys(), 'follow');
    },
  };
}

/** Whose files are being written. */
interface Work {
  isBusy(owner: string): boolean;
  /** Resolves when nothing is being written for the owner any more. */
  done(owner: string | undefined): Promise<void>;
  track<T>(owners: readonly string[], work: Promise<T>): Promise<T>;
}

function createWork(): Work {
  const running = new Map<string, Set<Promise<unknown>>>();
  const isBusy = (owner: string): boolean => (running.get(owner)?.size ?? 0) > 0;
  return {
    isBusy,
    done: async (owner) => {
      while (owner !== undefined && isBusy(owner)) await Promise.allSettled(running.get(owner) ?? []);
    },
    track: async (owners, work) => {
      for (const owner of owners) running.set(owner, (running.get(owner) ?? new Set()).add(work));
      try {
        return await work;
      } finally {
        for (const owner of owners) {
          running.get(owner)?.delete(work);
          if (!isBusy(owner)) running.delete(owner);
        }
      }
    },
  };
}

/** Calls once per path, a while after its first change. */
function settled(look: (path: string) => unknown): (path: string) => void {
  const pending = new Set<string>();
  const lookNow = (path: string): void => {
    pending.delete(path);
    look(path);
  };
  return (path) => {
    if (pending.has(path)) return;
    pending.add(path);
    setTimeout(lookNow, SETTLE_MS, path).unref();
  };
}
