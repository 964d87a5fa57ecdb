import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, rename, symlink, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

/** How our temporary files begin; systemd and Quadlet ignore hidden files. */
const TEMPORARY_PREFIX = '.qs-new-';
/** Those of this process: a process id alone comes again with the next boot. */
const OWN_PREFIX = `${TEMPORARY_PREFIX}${randomBytes(6).toString('hex')}-`;

let counter = 0;

/** Whether this is a temporary file that whoever wrote it has not got to rename, and never will: it ended before. */
export function isLeftOver(name: string): boolean {
  return name.startsWith(TEMPORARY_PREFIX) && !name.startsWith(OWN_PREFIX);
}

/** Whether this is a temporary file, ours of now or somebody's of before. */
export function isTemporary(name: string): boolean {
  return name.startsWith(TEMPORARY_PREFIX);
}

/** Who may do what with a file. `user` and `group` are root's unless given. */
export interface FileAccess {
  readonly mode: number;
  readonly user?: number;
  readonly group?: number;
}

/**
 * Puts `content` at `path` so that after a power cut either the old or the new file is there, whole. The file has
 * its mode and owner from its first moment on. The folder's own fsync is the caller's: once per batch, with `syncFolder`.
 */
export async function writeDurably(
  path: string,
  content: string | Uint8Array,
  access: number | FileAccess,
): Promise<void> {
  const { mode, user, group }: FileAccess = typeof access === 'number' ? { mode: access } : access;
  const temporary = temporaryPath(path);
  const file = await open(temporary, 'wx', mode);
  try {
    // -1 leaves it as it is.
    if (user !== undefined || group !== undefined) await file.chown(user ?? -1, group ?? -1);
    // The umask may have taken bits away.
    await file.chmod(mode);
    await file.writeFile(content);
    await file.sync();
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

/** Makes or replaces a symbolic link in one step. */
export async function linkDurably(path: string, target: string): Promise<void> {
  const temporary = temporaryPath(path);
  await symlink(target, temporary);
  await rename(temporary, path);
}

/** Makes the names in a folder durable. A folder that has gone needs nothing. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  try {
    await folder?.sync();
  } finally {
    await folder?.close();
  }
}

/** Makes a folder and what is missing above it; `mode` is for the folder itself, when it is new. Tells whether it is. */
export async function makeFolder(path: string, mode: number): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
  await chmod(path, mode);
  return true;
}

function temporaryPath(path: string): string {
  counter += 1;
  return join(dirname(path), `${OWN_PREFIX}${counter}-${basename(path).slice(0, 100)}`);
}
