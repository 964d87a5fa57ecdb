import { type DesiredFiles, isMeant } from './desired-files.ts';
import type { OwnedEntry, UnitRoot } from './owned-entries.ts';

/** What is on disk as far as we know: read once, kept by our own writes, and read again whenever somebody lists. */
export interface KnownEntries {
  entries(): Promise<readonly OwnedEntry[]>;
  read(): Promise<readonly OwnedEntry[]>;
  applied(desired: DesiredFiles): void;
}

/** Knows what `scan` finds. */
export function knownEntries(scan: () => Promise<readonly OwnedEntry[]>): KnownEntries {
  let known: Map<string, OwnedEntry> | undefined;
  const read = async (): Promise<readonly OwnedEntry[]> => {
    const entries = await scan();
    known = new Map(entries.map((entry) => [keyOf(entry), entry]));
    return entries;
  };
  return {
    read,
    entries: async () => (known === undefined ? read() : [...known.values()]),
    applied: (desired) => {
      const { owner, files, links } = desired;
      for (const [key, entry] of known ?? []) if (isMeant(entry, desired)) known?.delete(key);
      for (const { root, path } of [...files, ...links]) known?.set(keyOf({ root, path }), { root, path, owner });
    },
  };
}

/** What tells entries apart. */
export const keyOf = ({ root, path }: { readonly root: UnitRoot; readonly path: string }): string => `${root}/${path}`;
