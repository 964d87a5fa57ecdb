import { lstatSync, type Stats } from 'node:fs';
import { join } from 'node:path';

/** A path that a driver must not write to. Nothing was written. */
export class UnsafePathError extends Error {
  readonly path: string;

  constructor(message: string, path: string) {
    super(message);
    this.name = 'UnsafePathError';
    this.path = path;
  }
}

/**
 * The absolute path of `path` below `root`, once it is certain that it stays there: relative, without `.`, `..`
 * or empty parts, and no existing folder on the way is a symbolic link.
 */
export function safePath(root: string, path: string): string {
  const parts = path.split('/');
  const wrong = (part: string): boolean => part === '' || part === '.' || part === '..' || /[\0\n]/.test(part);
  if (parts.some(wrong)) throw new UnsafePathError(`${JSON.stringify(path)} does not stay below ${root}`, path);
  let folder = root;
  for (const part of parts.slice(0, -1)) {
    folder = join(folder, part);
    const stats = statsOf(folder);
    if (stats === undefined) break;
    if (!stats.isDirectory()) throw new UnsafePathError(`${folder} is not a folder, so ${path} is not written`, path);
  }
  return join(root, path);
}

/**
 * What is at `path`, links not followed; undefined where nothing is. It is in memory, or nearly: to ask a thread for it takes ten
 * times as long as the answer, and a pod's files are some hundred such questions.
 */
export function statsOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

/** For `catch`: `value` when the file does not exist; any other error goes on. */
export function ifAbsent<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return value;
    throw error;
  };
}
