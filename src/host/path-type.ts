import { stat } from 'node:fs/promises';

/** What is at a path of this machine, links followed; undefined when nothing is. */
export type PathType = 'directory' | 'file' | 'socket' | 'character device' | 'block device' | 'other' | undefined;

/** Looks at a path. What can't be looked at counts as nothing. */
export async function readPathType(path: string): Promise<PathType> {
  const stats = await stat(path).catch(() => undefined);
  if (stats === undefined) return undefined;
  if (stats.isDirectory()) return 'directory';
  if (stats.isFile()) return 'file';
  if (stats.isSocket()) return 'socket';
  if (stats.isCharacterDevice()) return 'character device';
  return stats.isBlockDevice() ? 'block device' : 'other';
}
