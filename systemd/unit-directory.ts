import type { Stats } from 'node:fs';
import { readFile, readlink, rm, rmdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type DesiredFiles, isMeant } from './desired-files.ts';
import { type FileAccess, linkDurably, makeFolder, syncFolder, writeDurably } from './durable-write.ts';
import { keyOf, knownEntries } from './known-entries.ts';
import { folderOwner, type OwnedEntry, scanRoots, type UnitRoot } from './owned-entries.ts';
import { ownerOf } from './ownership.ts';
import { ifAbsent, safePath, statsOf } from './safe-path.ts';
import type { Vault } from './vault.ts';

export type { DesiredFiles } from './desired-files.ts';

/** The real folders of the roots. */
export type UnitRoots = { readonly [root in UnitRoot]: string };

/** What was done. */
export interface UnitDirectoryChange {
  /** Paths that were written or deleted, `<root>/<path>`. */
  readonly changed: readonly string[];
  /** A unit, a Quadlet or an enablement changed: systemd must be told. */
  readonly reloadNeeded: boolean;
  /** All that systemd must be told of wasn't there before: it may be shown that instead of reading everything anew. */
  readonly onlyNew: boolean;
  /** All that systemd must be told of was deleted. */
  readonly onlyGone: boolean;
}

/**
 * The generated files of this machine. Writes only what differs, durably, and touches only files that carry our
 * mark: `[X-Kubernetes]`, a comment at the head with kind and uid, or a place below `pods/<uid>/` or
 * `cron/<uid>/compiled/` in the state root. Calls queue up behind each other.
 */
export interface UnitDirectory {
  /**
   * Makes the disk hold exactly the desired sets; owners that aren't named keep theirs. Rejects with
   * `UnsafePathError` or `ForeignFileError` before anything is written.
   */
  apply(desired: readonly DesiredFiles[]): Promise<UnitDirectoryChange>;
  /** Deletes everything of these owners, their volumes included. */
  remove(owners: readonly string[]): Promise<UnitDirectoryChange>;
  /** What there is, with its owner. Files that haven't changed since the last call aren't read again. */
  list(): Promise<readonly OwnedEntry[]>;
  /** Calls back when somebody else has changed or deleted a unit of ours, until aborted; where the driver can tell. */
  watch?(listener: (drift: UnitDrift) => void, options: { readonly signal: AbortSignal }): void;
}

/** A unit that isn't as it was written. */
export interface UnitDrift {
  readonly owner: string;
  readonly root: 'quadlet' | 'unit';
  readonly path: string;
  /** Lines that went (`-`) and came (`+`); undefined when the file is gone. */
  readonly difference: string | undefined;
}

/** A file that isn't ours is where one of ours should go. */
export class ForeignFileError extends Error {
  readonly path: string;

  constructor(path: string) {
    super(`${path} exists and was not written by quadshift: move it away or choose another name`);
    this.name = 'ForeignFileError';
    this.path = path;
  }
}

/** The files below `roots`. The folders need not exist yet. */
export function createUnitDirectory(roots: UnitRoots, vault?: Vault): UnitDirectory {
  const known = knownEntries(scanRoots(roots));
  let opened: Promise<void> | undefined;
  const open = (): Promise<void> => {
    opened ??= vault?.openAll() ?? Promise.resolve();
    return opened;
  };
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(task: () => Promise<T>): Promise<T> => {
    const inOrder = (): Promise<T> => open().then(task);
    const turn = queue.then(inOrder, inOrder);
    queue = turn.catch(() => undefined);
    return turn;
  };
  return {
    apply: (desired) =>
      inTurn(async () => {
        const change = await applyAll({ roots, vault, entries: await known.entries() }, desired);
        for (const one of desired) known.applied(one);
        return change;
      }),
    remove: (owners) =>
      inTurn(async () => {
        const change = await removeAll({ roots, vault, entries: await known.entries() }, owners);
        for (const owner of owners) known.applied({ owner, files: [], directories: [], links: [] });
        return change;
      }),
    list: () => inTurn(known.read),
  };
}

interface Step {
  readonly root: UnitRoot;
  readonly path: string;
  /** Absolute. */
  readonly target: string;
  /** Nothing was there before. */
  readonly isNew: boolean;
  /** Nothing is there afterwards. */
  readonly isGone?: boolean;
  readonly run: () => Promise<void>;
}

/** Steps that may be taken in any order. */
type Stage = readonly Step[];

interface Surroundings {
  readonly roots: UnitRoots;
  readonly vault: Vault | undefined;
  readonly entries: readonly OwnedEntry[];
}

async function applyAll(
  { roots, vault, entries }: Surroundings,
  desired: readonly DesiredFiles[],
): Promise<UnitDirectoryChange> {
  const plans = await Promise.all(desired.map((one) => plan(roots, one, entries)));
  const stages = plans.flat();
  const changing = sealedFolders(stages.flat());
  for (const folder of changing) await vault?.touch(folder);
  const change = await runStages(stages);
  const unsealed = (await vault?.touched()) ?? [];
  const mine = new Set(sealedFolders(desired.flatMap(({ directories }) => directories)));
  for (const folder of unsealed) if (changing.includes(folder) || mine.has(folder)) vault?.close(folder);
  return change;
}

/** The folders, `pods/<uid>`, that these sealed paths are in. */
function sealedFolders(paths: readonly { readonly root: UnitRoot; readonly path: string }[]): readonly string[] {
  const sealed = paths.filter(({ root }) => root === 'sealed');
  return [...new Set(sealed.map(({ path }) => path.split('/').slice(0, 2).join('/')))];
}

/** Checks every path before the first is written. */
async function plan(
  roots: UnitRoots,
  desired: DesiredFiles,
  entries: readonly OwnedEntry[],
): Promise<readonly Stage[]> {
  const directories = desired.directories.map((directory) => planDirectory(roots, directory));
  const files = await Promise.all(desired.files.map((file) => planFile(roots, file)));
  const links = await Promise.all(desired.links.map((link) => planLink(roots, link)));
  const wanted = new Set([...desired.files, ...desired.links].map(keyOf));
  const stale = entries.filter((entry) => isMeant(entry, desired) && !wanted.has(keyOf(entry)));
  const deletions = stale.map((entry) => planDeletion(roots, entry));
  // A folder that is made for a file in passing would not have the mode that was wished for.
  const folders = directories.filter((step) => step !== undefined).map((step) => [step]);
  // A link may lead to new files, and away from old ones.
  const written = [files, links].map((steps) => steps.filter((step) => step !== undefined));
  return [...folders, ...written, deletions];
}

function planDirectory(roots: UnitRoots, wanted: DesiredFiles['directories'][number]): Step | undefined {
  const target = safePath(roots[wanted.root], wanted.path);
  const stats = statsOf(target);
  if (stats?.isDirectory()) return undefined;
  if (stats !== undefined) throw new ForeignFileError(target);
  return { ...wanted, target, isNew: true, run: async () => void makeFolder(target, wanted.mode) };
}

async function planFile(roots: UnitRoots, wanted: DesiredFiles['files'][number]): Promise<Step | undefined> {
  const target = safePath(roots[wanted.root], wanted.path);
  const stats = statsOf(target);
  if (stats !== undefined) {
    if (!stats.isFile()) throw new ForeignFileError(target);
    const content = await readFile(target);
    if (content.equals(Buffer.from(wanted.content)) && hasAccess(stats, wanted)) return undefined;
    if (!isOurs(wanted, content)) throw new ForeignFileError(target);
  }
  if (!isOurs(wanted, wanted.content)) throw new Error(`${wanted.path} names no owner, so it could never be deleted`);
  return {
    ...wanted,
    target,
    isNew: stats === undefined,
    run: async () => {
      makeFolder(dirname(target), 0o755);
      await writeDurably(target, wanted.content, wanted);
    },
  };
}

function hasAccess(stats: Stats, { mode, user = stats.uid, group = stats.gid }: FileAccess): boolean {
  return (stats.mode & 0o7777) === mode && stats.uid === user && stats.gid === group;
}

const isOurs = (file: { readonly root: UnitRoot; readonly path: string }, content: string | Uint8Array): boolean =>
  folderOwner(file.root, file.path) !== undefined || ownerOf(Buffer.from(content).toString('utf8')) !== undefined;

async function planLink(roots: UnitRoots, wanted: DesiredFiles['links'][number]): Promise<Step | undefined> {
  const target = safePath(roots[wanted.root], wanted.path);
  const stats = statsOf(target);
  const isReplaceable = stats?.isFile() === true && folderOwner(wanted.root, wanted.path) !== undefined;
  if (stats !== undefined && !stats.isSymbolicLink() && !isReplaceable) throw new ForeignFileError(target);
  if (stats?.isSymbolicLink() && (await readlink(target)) === wanted.target) return undefined;
  return {
    ...wanted,
    target,
    isNew: stats === undefined,
    run: async () => {
      makeFolder(dirname(target), 0o755);
      linkDurably(target, wanted.target);
    },
  };
}

function planDeletion(roots: UnitRoots, entry: OwnedEntry): Step {
  const target = safePath(roots[entry.root], entry.path);
  return {
    ...entry,
    target,
    isNew: false,
    isGone: true,
    run: async () => {
      if (!(await stillOwned(target, entry))) return;
      await unlink(target).catch(ifAbsent(undefined));
      // A drop-in folder goes with its last drop-in.
      if (dirname(target).endsWith('.d')) await rmdir(dirname(target)).catch(() => undefined);
      await removeEmptied(roots, entry);
    },
  };
}

/** A folder inside of a volume goes with its last file: `pods/<uid>/volumes/<kind>/<volume>/…`. */
async function removeEmptied(roots: UnitRoots, { root, path }: OwnedEntry): Promise<void> {
  const parts = path.split('/').slice(0, -1);
  if (folderOwner(root, path) === undefined || parts[2] !== 'volumes') return;
  for (let depth = parts.length; depth > 5; depth -= 1) {
    const isGone = await rmdir(join(roots[root], ...parts.slice(0, depth))).then(
      () => true,
      () => false,
    );
    if (!isGone) return;
  }
}

/** Somebody may have put a file of their own there since we looked. */
async function stillOwned(target: string, entry: OwnedEntry): Promise<boolean> {
  const stats = statsOf(target);
  if (stats === undefined || stats.isSymbolicLink()) return stats !== undefined;
  return isOurs(entry, await readFile(target, 'utf8'));
}

async function removeAll(
  { roots, vault, entries }: Surroundings,
  owners: readonly string[],
): Promise<UnitDirectoryChange> {
  const gone = new Set(owners);
  const files = entries.filter((entry) => gone.has(entry.owner));
  const steps = files.map((entry) => planDeletion(roots, entry));
  const paths = owners.filter((owner) => owner !== '').flatMap((owner) => [`pods/${owner}`, `cron/${owner}`]);
  const folders = paths.map((path) => planFolderRemoval(roots, path));
  // First: what is just being encrypted would find its way back to disk otherwise.
  await Promise.all(paths.map((path) => vault?.remove(path)));
  return runStages([steps, folders.filter((step) => step !== undefined)]);
}

function planFolderRemoval(roots: UnitRoots, path: string): Step | undefined {
  const target = safePath(roots.state, path);
  if (statsOf(target) === undefined) return undefined;
  return { root: 'state', path, target, isNew: false, run: () => rm(target, { recursive: true, force: true }) };
}

/** Stage by stage, so that the disk syncs many files at a time; then each folder's names are made durable once. */
async function runStages(stages: readonly Stage[]): Promise<UnitDirectoryChange> {
  for (const stage of stages) await takeAll(stage);
  const steps = stages.flat();
  await Promise.all([...new Set(steps.flatMap(foldersOf))].map(syncFolder));
  const told = steps.filter(({ root }) => root === 'quadlet' || root === 'unit');
  return {
    changed: steps.map((step) => `${step.root}/${step.path}`),
    reloadNeeded: told.length > 0,
    onlyNew: told.every((step) => step.isNew),
    onlyGone: told.every((step) => step.isGone === true),
  };
}

/** Nothing of a stage is still at work when it has failed. */
async function takeAll(stage: Stage): Promise<void> {
  const outcomes = await Promise.allSettled(stage.map((step) => step.run()));
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

/** From the root down to where the step worked: a new folder's own name must last too. */
function foldersOf({ target, path }: Step): readonly string[] {
  const folders = [dirname(target)];
  for (let depth = path.split('/').length - 1; depth > 0; depth -= 1) folders.push(dirname(folders.at(-1) ?? target));
  return folders;
}
