import { type FSWatcher, watch } from 'node:fs';
import { join } from 'node:path';

/** Folders below a root that are watched beside it. */
export interface FolderWatches {
  follow(folder: string): void;
  unfollow(folder: string): void;
}

/**
 * Calls back with the path, relative to `root`, of what changes in it or in a folder that is followed, until aborted: one
 * inotify watch each, nothing below. A folder that comes back is followed again; what happened to what is in it by then is
 * not told but for the folder's own name. What can't be watched, as when the kernel's limits are reached, isn't.
 */
export function watchFolders(root: string, changed: (path: string) => void, signal: AbortSignal): FolderWatches {
  const watchers = new Map<string, FSWatcher | undefined>();
  const unfollow = (folder: string): void => {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  };
  const follow = (folder: string): void => {
    if (watchers.get(folder) !== undefined || signal.aborted) return;
    watchers.set(
      folder,
      tryWatch(join(root, folder), (name) => changed(`${folder}/${name}`)),
    );
  };
  const own = tryWatch(root, (name) => {
    if (watchers.has(name)) {
      unfollow(name);
      follow(name);
    }
    changed(name);
  });
  const stop = (): void => {
    own?.close();
    for (const folder of [...watchers.keys()]) unfollow(folder);
  };
  signal.addEventListener('abort', stop, { once: true });
  return { follow, unfollow };
}

/** Undefined where it can't be watched. */
function tryWatch(folder: string, changed: (name: string) => void): FSWatcher | undefined {
  try {
    const watcher = watch(folder, { persistent: false }, (_, name) => name !== null && changed(name));
    return watcher.on('error', () => undefined);
  } catch {
    return undefined;
  }
}
