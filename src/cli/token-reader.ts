import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Reads the token in a projected volume of a pod, `<pods>/<uid>/volumes/projected/<volume>/<path>`. */
export function createTokenReader(pods: string) {
  return (uid: string, volume: string, path: string): Promise<string | undefined> =>
    readFile(join(pods, uid, 'volumes', 'projected', volume, path), 'utf8').catch(absent);
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}
