import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stateRoot } from './settings.ts';

/** What is known of a box between two commands; everything else is read from the running processes. */
export interface BoxState {
  readonly name: string;
  readonly driver: 'nspawn' | 'podman' | 'docker';
  /** Distinguishes the boxes of one machine in addresses and link names: 0, 1, 2… */
  readonly index: number;
}

/** The folder that holds all there is of a box. */
export function boxFolder(name: string): string {
  return join(stateRoot(), name);
}

/** The kubeconfig of a box as seen from this machine. */
export function kubeconfigPath(name: string): string {
  return join(boxFolder(name), 'kubeconfig');
}

/** The state of a box; undefined if there is no such box. */
export function readState(name: string): BoxState | undefined {
  const file = join(boxFolder(name), 'box.json');
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as BoxState) : undefined;
}

/** Remembers a new box under the lowest index that no other box has. */
export function createState(name: string, driver: BoxState['driver']): BoxState {
  mkdirSync(boxFolder(name), { recursive: true, mode: 0o711 });
  const state = { name, driver, index: claimIndex(name) };
  writeFileSync(join(boxFolder(name), 'box.json'), `${JSON.stringify(state)}\n`);
  return state;
}

/** Forgets a box and deletes its folder, and the common folder with the last one. */
export function removeState(name: string): void {
  rmSync(boxFolder(name), { recursive: true, force: true });
  for (const entry of listed(indexFolder())) {
    if (ownerOf(entry) === name) rmSync(join(indexFolder(), entry));
  }
  for (const folder of [indexFolder(), stateRoot()]) {
    if (existsSync(folder) && listed(folder).length === 0) rmdirSync(folder);
  }
}

function indexFolder(): string {
  return join(stateRoot(), '.indexes');
}

function ownerOf(entry: string): string {
  return readFileSync(join(indexFolder(), entry), 'utf8');
}

/** Two boxes may be made at the same time: a file that exists already is a lost race, so the next one is tried. */
function claimIndex(name: string): number {
  mkdirSync(indexFolder(), { recursive: true });
  for (let index = 0; index < 64; index++) {
    const file = join(indexFolder(), String(index));
    try {
      writeFileSync(file, name, { flag: 'wx' });
      return index;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (ownerOf(String(index)) === name) return index;
    }
  }
  throw new Error(`there are 64 boxes in ${stateRoot()} already: remove one with \`npm run down\``);
}

function listed(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}
