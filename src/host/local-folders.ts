import { chmod, mkdir, open, readdir, rename, rm, rmdir, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LocalVolumes, SizeLimit, VolumePlace } from './local-volumes.ts';

/** Beside a folder while only we know of it. */
const BEGUN = '.begun-';
/** What a folder is renamed to when its deletion begins. */
const DELETED = '.deleted-';
/** Any user of a container may write; who may come near is up to the folders above. */
const FOLDER_MODE = 0o777;

/** Holds folders to a size. */
export type FolderLimiter = (path: string, bytes: number) => Promise<SizeLimit>;

/** Volumes as folders on this machine's file systems. */
export function createLocalFolders(limiter: FolderLimiter): LocalVolumes {
  return {
    begin: async (place) => {
      checkName(place.name);
      await mkdir(place.root, { recursive: true, mode: 0o700 });
      await writeFile(pathOf(place, BEGUN), '');
      await mkdir(pathOf(place)).catch(unless('EEXIST'));
      await chmod(pathOf(place), FOLDER_MODE);
      await sync(place.root);
      return pathOf(place);
    },
    finish: (place) => unlink(pathOf(place, BEGUN)).catch(unless('ENOENT')),
    begun: async (root) => (await namesWith(root, BEGUN)).map((name) => name.slice(BEGUN.length)),
    abandon: async (place) => {
      checkName(place.name);
      await rmdir(pathOf(place)).catch(unless('ENOENT', 'ENOTEMPTY'));
      await unlink(pathOf(place, BEGUN)).catch(unless('ENOENT'));
    },
    remove: async (place) => {
      checkName(place.name);
      await rename(pathOf(place), pathOf(place, DELETED)).catch(unless('ENOENT'));
      await sync(place.root);
      await rm(pathOf(place, DELETED), { recursive: true, force: true });
    },
    sweep: async (root) => {
      for (const name of await namesWith(root, DELETED)) await rm(join(root, name), { recursive: true, force: true });
    },
    limit: (place, bytes) => limiter(pathOf(place), bytes),
  };
}

function pathOf({ root, name }: VolumePlace, prefix = ''): string {
  return join(root, `${prefix}${name}`);
}

/** One part of a path, and none of ours. */
function checkName(name: string): void {
  if (!/^[^./\0][^/\0]*$/.test(name)) throw new Error(`${JSON.stringify(name)} is no name for a volume's folder`);
}

async function namesWith(root: string, prefix: string): Promise<readonly string[]> {
  const names = await readdir(root).catch((error: unknown) => {
    unless('ENOENT')(error);
    return [];
  });
  return names.filter((name) => name.startsWith(prefix));
}

/** For `catch`: nothing when the error has one of these codes; any other goes on. */
function unless(...codes: readonly string[]): (error: unknown) => undefined {
  return (error) => {
    if (error instanceof Error && 'code' in error && codes.includes(String(error.code))) return undefined;
    throw error;
  };
}

/** Makes the names in a folder durable. */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(unless('ENOENT'));
  try {
    await handle?.sync();
  } finally {
    await handle?.close();
  }
}
