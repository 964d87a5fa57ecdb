import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project's folder on this machine. */
export const PROJECT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Where the box sees the project, read-only. */
export const PROJECT_IN_BOX = '/usr/src/quadshift';

/** The box that is meant unless another one is named. */
export const DEFAULT_BOX = 'quadshift';

/** The name of the box to work on: `QUADSHIFT_BOX`, checked, as it ends up in paths, links and host names. */
export function boxName(environment: NodeJS.ProcessEnv = process.env): string {
  const name = environment['QUADSHIFT_BOX'] || DEFAULT_BOX;
  if (!/^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$/.test(name)) {
    throw new Error(`QUADSHIFT_BOX=${name}: a box is named by at most 40 small letters, digits and dashes`);
  }
  return name;
}

/** Where the boxes of this user live. */
export function stateRoot(): string {
  if (process.getuid?.() === 0) return '/var/lib/quadshift-box';
  return join(process.env['XDG_DATA_HOME'] || join(homedir(), '.local/share'), 'quadshift-box');
}

/** Debian's release that boxes are made of: `QUADSHIFT_SUITE`, `forky` for the newest Podman and systemd. */
export function suiteName(environment: NodeJS.ProcessEnv = process.env): string {
  const suite = environment['QUADSHIFT_SUITE'] || 'trixie';
  if (!/^[a-z]+$/.test(suite)) throw new Error(`QUADSHIFT_SUITE=${suite}: a Debian release is named by small letters`);
  return suite;
}

/** Where the roots that boxes are copied from are kept. */
export const CACHE_ROOT = '/var/cache/quadshift-box';
