import { watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DesiredFiles } from './desired-files.ts';
import { ifAbsent } from './safe-path.ts';
import type { UnitDirectory, UnitDrift, UnitRoots } from './unit-directory.ts';

/** How long a file is left alone after it was changed: editors and we ourselves write in several steps. */
const SETTLE_MS = 300;
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

/**
 * A directory that notices when somebody else edits or deletes one of its units: it remembers what it wrote, and
 * compares when the kernel tells of a change. What is in folders of drop-ins is left to the resync.
 */
export function withDrift(directory: UnitDirectory, roots: UnitRoots): UnitDirectory {
  const expected = new Map<string, Expected>();
  const forget = (owner: string): void => {
    for (const [key, one] of expected) if (one.owner === owner) expected.delete(key);
  };
  const driftOf = async (root: 'quadlet' | 'unit', path: string): Promise<UnitDrift | undefined> => {
    const wanted = expected.get(`${root}/${path}`);
    if (wanted === undefined) return undefined;
    const found = await readFile(join(roots[root], path), 'utf8').catch(ifAbsent(undefined));
    // It may have been written anew, or taken off, in the meantime.
    if (found === wanted.content || expected.get(`${root}/${path}`) !== wanted) return undefined;
    const difference = found === undefined ? undefined : lineDifference(wanted.content, found);
    return { owner: wanted.owner, root, path, difference };
  };
  return {
    ...directory,
    apply: async (desired) => {
      for (const one of desired) {
        if (one.within === undefined) forget(one.owner);
        for (const [key, value] of unitsOf(one)) expected.set(key, value);
      }
      return directory.apply(desired);
    },
    remove: async (owners) => {
      for (const owner of owners) forget(owner);
      return directory.remove(owners);
    },
    watch: (listener, { signal }) => {
      for (const root of ['quadlet', 'unit'] as const) {
        const pending = new Set<string>();
        const look = (path: string): void => {
          pending.delete(path);
          driftOf(root, path).then(
            (drift) => drift && !signal.aborted && listener(drift),
            () => undefined,
          );
        };
        // Without the kernel's word, as when its limits are reached, the resync finds what has changed.
        try {
          const watcher = watch(roots[root], { signal, persistent: false }, (_, path) => {
            if (path === null || pending.has(path) || !expected.has(`${root}/${path}`)) return;
            pending.add(path);
            setTimeout(look, SETTLE_MS, path).unref();
          });
          watcher.on('error', () => undefined);
        } catch {
          // See above.
        }
      }
    },
  };
}
