import { existsSync, readdirSync, readFileSync, rmdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_BOX } from './settings.ts';
import type { BoxState } from './state.ts';

const CGROUP_PARENT = 'quadshift-box';

/** What a box occupies on this machine besides its folder; a function of its name and index. */
export interface Surroundings {
  readonly link: string;
  readonly namespace: string;
  readonly hostAddress: string;
  readonly boxAddress: string;
  readonly prefix: number;
  /** Address ranges inside the box that this machine reaches through it. */
  readonly routes: readonly string[];
  /** Its folder in the unified cgroup hierarchy; undefined on machines without one. */
  readonly cgroup?: string;
}

/** Names and addresses of a box. */
export function surroundingsOf({ name, index }: BoxState): Surroundings {
  const unified = cgroupMounts('cgroup2')[0];
  return {
    link: `qsbox${index}`,
    namespace: `quadshift-box-${name}`,
    hostAddress: `10.41.${index}.1`,
    boxAddress: `10.41.${index}.2`,
    prefix: 24,
    // All boxes use the same pod and Service addresses: only one can be reached by them.
    routes: name === DEFAULT_BOX ? ['10.42.0.0/16', '10.43.0.0/16'] : [],
    cgroup: unified && join(unified, CGROUP_PARENT, name),
  };
}

/** Removes the box's empty cgroups from every hierarchy, and the common parent with the last of them. */
export function removeCgroups(name: string): void {
  for (const mount of [...cgroupMounts('cgroup2'), ...cgroupMounts('cgroup')]) {
    const parent = join(mount, CGROUP_PARENT);
    removeTree(join(parent, name));
    if (existsSync(parent) && subfolders(parent).length === 0) rmdirSync(parent);
  }
}

function cgroupMounts(type: string): readonly string[] {
  return readFileSync('/proc/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' '))
    .filter((fields) => fields[2] === type)
    .flatMap((fields) => fields[1] ?? []);
}

/** The files of a cgroup can't be deleted and vanish with it: only rmdir works, from the leaves up. */
function removeTree(folder: string): void {
  if (!existsSync(folder)) return;
  for (const child of subfolders(folder)) removeTree(child);
  rmdirSync(folder);
}

function subfolders(folder: string): readonly string[] {
  return readdirSync(folder)
    .map((entry) => join(folder, entry))
    .filter((path) => statSync(path).isDirectory());
}
