import type { DiskFacts, HostPressure } from '../../host/pressure.ts';

/** What thresholds are about, as the kubelet calls it. */
export const SIGNALS = [
  'memory.available',
  'nodefs.available',
  'nodefs.inodesFree',
  'imagefs.available',
  'imagefs.inodesFree',
  'pid.available',
] as const;
export type Signal = (typeof SIGNALS)[number];

/** What runs short when a threshold is met. */
export type StarvedResource = 'memory' | 'ephemeral-storage' | 'inodes' | 'pids';

/** Conditions of a Node that say so. */
export type PressureCondition = 'MemoryPressure' | 'DiskPressure' | 'PIDPressure';

/** How much there is of something, and how much of it is left. */
export interface Observation {
  readonly available: number;
  readonly capacity: number;
}

/** By signal; what can't be known is missing. */
export type Observations = ReadonlyMap<Signal, Observation>;

const CONDITIONS: { readonly [S in Signal]: PressureCondition } = {
  'memory.available': 'MemoryPressure',
  'nodefs.available': 'DiskPressure',
  'nodefs.inodesFree': 'DiskPressure',
  'imagefs.available': 'DiskPressure',
  'imagefs.inodesFree': 'DiskPressure',
  'pid.available': 'PIDPressure',
};

const RESOURCES: { readonly [S in Signal]: StarvedResource } = {
  'memory.available': 'memory',
  'nodefs.available': 'ephemeral-storage',
  'nodefs.inodesFree': 'inodes',
  'imagefs.available': 'ephemeral-storage',
  'imagefs.inodesFree': 'inodes',
  'pid.available': 'pids',
};

/** The Node's condition that a signal stands for. */
export function conditionOf(signal: Signal): PressureCondition {
  return CONDITIONS[signal];
}

/** What evicting a pod gives back. */
export function resourceOf(signal: Signal): StarvedResource {
  return RESOURCES[signal];
}

/** The host's numbers as signals. Filesystems without a fixed number of inodes (btrfs) never run out of them. Pure. */
export function observationsOf({ memory, nodeDisk, imageDisk, pids }: HostPressure): Observations {
  const found: readonly (readonly [Signal, Observation])[] = [
    ['memory.available', { available: memory.availableBytes, capacity: memory.totalBytes }],
    ['nodefs.available', space(nodeDisk)],
    ['nodefs.inodesFree', inodes(nodeDisk)],
    ['imagefs.available', space(imageDisk)],
    ['imagefs.inodesFree', inodes(imageDisk)],
    ['pid.available', { available: Math.max(0, pids.max - pids.used), capacity: pids.max }],
  ];
  return new Map(found.filter(([, { capacity }]) => capacity > 0 && Number.isFinite(capacity)));
}

function space({ availableBytes, totalBytes }: DiskFacts): Observation {
  return { available: availableBytes, capacity: totalBytes };
}

function inodes({ freeInodes, totalInodes }: DiskFacts): Observation {
  return { available: freeInodes, capacity: totalInodes };
}
