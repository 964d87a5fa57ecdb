import type { OwnedEntry, UnitRoot } from './owned-entries.ts';

/** Everything that one owner shall have on disk; what it had before and is not here is deleted. */
export interface DesiredFiles {
  /** The owner's uid, as the files name it. */
  readonly owner: string;
  readonly files: readonly {
    readonly root: UnitRoot;
    readonly path: string;
    readonly content: string | Uint8Array;
    readonly mode: number;
    /** Numeric owner and group; root's unless given. */
    readonly user?: number;
    readonly group?: number;
  }[];
  readonly directories: readonly { readonly root: UnitRoot; readonly path: string; readonly mode: number }[];
  readonly links: readonly { readonly root: UnitRoot; readonly path: string; readonly target: string }[];
  /** When given, only what the owner has below these folders is as it shall be; the rest of it stays. */
  readonly within?: readonly { readonly root: UnitRoot; readonly path: string }[];
}

/** Whether an entry is among those that the desired set replaces. */
export function isMeant({ root, path, owner }: OwnedEntry, desired: DesiredFiles): boolean {
  const isBelow = (folder: { readonly root: UnitRoot; readonly path: string }): boolean =>
    root === folder.root && path.startsWith(`${folder.path}/`);
  return owner === desired.owner && (desired.within === undefined || desired.within.some(isBelow));
}
