import { lstat, readdir, readFile, readlink, unlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isLeftOver, isTemporary } from './durable-write.ts';
import { ownerOf } from './ownership.ts';
import { ifAbsent } from './safe-path.ts';

/**
 * Where a generated file lives: Quadlet sources, plain units, persistent state beside them, or what of the state may not
 * lie readable on disk.
 */
export type UnitRoot = 'quadlet' | 'unit' | 'state' | 'sealed';

/** A file or link of ours. */
export interface OwnedEntry {
  readonly root: UnitRoot;
  readonly path: string;
  /** The uid it names; '' when it names none. */
  readonly owner: string;
}

/** Whose a path is by where it lies: `pods/<uid>/…` and `cron/<uid>/compiled/…` in the state root, and sealed. */
export function folderOwner(root: UnitRoot, path: string): string | undefined {
  if (root !== 'state' && root !== 'sealed') return undefined;
  return (/^pods\/([^/]+)\//.exec(path) ?? /^cron\/([^/]+)\/compiled\//.exec(path))?.[1];
}

interface Cached {
  /** Changes whenever the file does. */
  readonly stamp: string;
  readonly owner: string | undefined;
}

/** A reader of what is ours below the roots. It remembers owners, so that unchanged files cost one lstat each. */
export function scanRoots(roots: { readonly [root in UnitRoot]: string }): () => Promise<readonly OwnedEntry[]> {
  let cache = new Map<string, Cached>();
  return async () => {
    const seen = new Map<string, Cached>();
    const found: OwnedEntry[] = [];
    for (const root of ['quadlet', 'unit', 'state', 'sealed'] as const) {
      for (const path of await candidates(root, roots[root])) {
        const cached = await ownerAt(root, roots[root], path, cache);
        if (cached === undefined) continue;
        seen.set(`${root}/${path}`, cached);
        if (cached.owner !== undefined) found.push({ root, path, owner: cached.owner });
      }
    }
    cache = seen;
    return found;
  };
}

async function ownerAt(
  root: UnitRoot,
  folder: string,
  path: string,
  cache: ReadonlyMap<string, Cached>,
): Promise<Cached | undefined> {
  const byPlace = folderOwner(root, path);
  if (byPlace !== undefined) return { stamp: '', owner: byPlace };
  const absolute = join(folder, path);
  const stats = await lstat(absolute).catch(ifAbsent(undefined));
  if (stats === undefined) return undefined;
  if (stats.isSymbolicLink()) return { stamp: '', owner: await linkOwner(folder, path) };
  const stamp = `${stats.ino} ${stats.size} ${stats.mtimeMs} ${stats.ctimeMs}`;
  const known = cache.get(`${root}/${path}`);
  if (known?.stamp === stamp) return known;
  return { stamp, owner: stats.isFile() ? ownerOf(await readFile(absolute, 'utf8')) : undefined };
}

/** An enablement belongs to whoever owns the unit; when that has gone, to nobody, but it's still ours. */
async function linkOwner(folder: string, path: string): Promise<string | undefined> {
  const target = basename(await readlink(join(folder, path)));
  const content = await readFile(join(folder, target), 'utf8').catch(ifAbsent(undefined));
  return content === undefined ? '' : ownerOf(content);
}

/** Paths that may be ours, by name and place. */
async function candidates(root: UnitRoot, folder: string): Promise<readonly string[]> {
  if (root === 'state') return stateFiles(folder);
  if (root === 'sealed') return [...(await filesBelow(folder, 'pods', () => true)), ...(await compiledFiles(folder))];
  if (root === 'quadlet') return filesBelow(folder, '', () => true);
  const ours = await filesBelow(folder, '', (name) => name.startsWith('qs-'), /\.(d|wants|requires)$/);
  return ours.filter((path) => /(^|\/)qs-/.test(path));
}

async function stateFiles(folder: string): Promise<readonly string[]> {
  const net = await filesBelow(folder, 'net', () => true);
  return [...(await podFiles(folder)), ...(await compiledFiles(folder)), ...net];
}

/** What timers make pods of; runs and how far a schedule was followed are the timers' own. */
async function compiledFiles(folder: string): Promise<readonly string[]> {
  const uids = (await entriesOf(join(folder, 'cron'))).filter((entry) => entry.isDirectory());
  const found = await Promise.all(uids.map(({ name }) => filesBelow(folder, `cron/${name}/compiled`, () => true)));
  return found.flat();
}

/**
 * What we put into pods' folders: all but the volumes that are the pods' own, and what units leave of containers' runs.
 */
async function podFiles(folder: string): Promise<readonly string[]> {
  const uids = (await entriesOf(join(folder, 'pods'))).filter((entry) => entry.isDirectory());
  const perPod = await Promise.all(
    uids.map(async ({ name }) => {
      const volumes = `pods/${name}/volumes`;
      const kinds = (await entriesOf(join(folder, volumes))).filter((kind) => WRITTEN_VOLUMES.has(kind.name));
      const written = await Promise.all(kinds.map((kind) => filesBelow(folder, `${volumes}/${kind.name}`, () => true)));
      const others = await filesBelow(folder, `pods/${name}`, (part) => !LEFT_BY_UNITS.has(part));
      return [...others, ...written.flat()];
    }),
  );
  return perPod.flat();
}

/** Folders that are somebody else's, or looked at elsewhere. */
const LEFT_BY_UNITS: ReadonlySet<string> = new Set(['volumes', 'completed', 'containers', 'sealed']);

/** Folders of volumes whose contents we write; containers can't. */
const WRITTEN_VOLUMES: ReadonlySet<string> = new Set(['config-map', 'secret', 'downward-api', 'projected']);

/** Files and links below `folder/below`, folders named by `enter` or matching `also` included. */
async function filesBelow(
  folder: string,
  below: string,
  enter: (name: string) => boolean,
  also = /^$/,
): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const entry of await entriesOf(join(folder, below))) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (isLeftOver(entry.name)) await unlink(join(folder, path)).catch(ifAbsent(undefined));
    else if (isTemporary(entry.name)) continue;
    else if (!entry.isDirectory()) paths.push(path);
    else if (enter(entry.name) || also.test(entry.name)) paths.push(...(await filesBelow(folder, path, enter, also)));
  }
  return paths;
}

const entriesOf = (folder: string) => readdir(folder, { withFileTypes: true }).catch(ifAbsent([]));
