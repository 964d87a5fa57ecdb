import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fsync,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { ifAbsent } from './safe-path.ts';

/** Only this waits for the disk. What else is done to a file is done in memory, sooner than a thread could be asked to. */
const synced = promisify(fsync);

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
  const file = openSync(temporary, 'wx', mode);
  try {
    // -1 leaves it as it is.
    if (user !== undefined || group !== undefined) fchownSync(file, user ?? -1, group ?? -1);
    // The umask may have taken bits away.
    fchmodSync(file, mode);
    writeFileSync(file, content);
    await synced(file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
  renameSync(temporary, path);
}

/** Makes or replaces a symbolic link in one step. */
export function linkDurably(path: string, target: string): void {
  const temporary = temporaryPath(path);
  symlinkSync(target, temporary);
  renameSync(temporary, path);
}

/** Makes the names in a folder durable. A folder that has gone needs nothing. */
export async function syncFolder(path: string): Promise<void> {
  const folder = openedFolder(path);
  if (folder === undefined) return;
  try {
    await synced(folder);
  } finally {
    closeSync(folder);
  }
}

function openedFolder(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    return ifAbsent(undefined)(error);
  }
}

/** Makes a folder and what is missing above it; `mode` is for the folder itself, when it is new. Tells whether it is. */
export function makeFolder(path: string, mode: number): boolean {
  if (existsSync(path)) return false;
  mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  const isNew = mkdirSync(path, { recursive: true, mode }) !== undefined;
  if (isNew) chmodSync(path, mode);
  return isNew;
}

function temporaryPath(path: string): string {
  counter += 1;
  return join(dirname(path), `${OWN_PREFIX}${counter}-${basename(path).slice(0, 100)}`);
}
