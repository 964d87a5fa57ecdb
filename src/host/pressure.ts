import { readdir, readFile, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';

/** Bytes of main memory. */
export interface MemoryFacts {
  readonly totalBytes: number;
  /** What new workloads can have without swapping (MemAvailable). */
  readonly availableBytes: number;
  readonly swapTotalBytes: number;
}

/** A filesystem. */
export interface DiskFacts {
  readonly totalBytes: number;
  readonly availableBytes: number;
  readonly totalInodes: number;
  readonly freeInodes: number;
}

/** What a machine can run short of. */
export interface HostPressure {
  readonly memory: MemoryFacts;
  /** Where volumes, logs and our own state are. */
  readonly nodeDisk: DiskFacts;
  /** Where images and containers are. */
  readonly imageDisk: DiskFacts;
  /** Whether that is one filesystem. */
  readonly isOneDisk: boolean;
  readonly pids: { readonly used: number; readonly max: number };
}

/** Where to look. */
export interface PressurePaths {
  readonly nodePath: string;
  readonly imagePath: string;
  /** The folder that has `proc`. */
  readonly root?: string;
}

/** Reads it all; under a millisecond. */
export async function readHostPressure({ nodePath, imagePath, root = '/' }: PressurePaths): Promise<HostPressure> {
  const [memory, nodeDisk, imageDisk, isOneDisk, pids] = await Promise.all([
    readMemory(root),
    readDiskSpace(nodePath),
    readDiskSpace(imagePath),
    isSameDevice(nodePath, imagePath),
    readPids(root),
  ]);
  // Nothing was ever pulled: images will go where everything else is.
  return { memory, nodeDisk, imageDisk: imageDisk.totalBytes > 0 ? imageDisk : nodeDisk, isOneDisk, pids };
}

async function isSameDevice(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((path) => stat(path).catch(() => undefined)));
  return a === undefined || b === undefined || a.dev === b.dev;
}

/** /proc/meminfo. */
export async function readMemory(root: string): Promise<MemoryFacts> {
  const text = await readFile(join(root, 'proc/meminfo'), 'utf8').catch(() => '');
  const bytes = (key: string): number => Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1] ?? 0) * 1_024;
  return { totalBytes: bytes('MemTotal'), availableBytes: bytes('MemAvailable'), swapTotalBytes: bytes('SwapTotal') };
}

/** statfs(2); all 0 when there is no such folder. */
export async function readDiskSpace(path: string): Promise<DiskFacts> {
  const stats = await statfs(path).catch(() => undefined);
  if (stats === undefined) return { totalBytes: 0, availableBytes: 0, totalInodes: 0, freeInodes: 0 };
  const { bsize, blocks, bavail, files, ffree } = stats;
  return { totalBytes: blocks * bsize, availableBytes: bavail * bsize, totalInodes: files, freeInodes: ffree };
}

/** Threads in use and how many there may be, as the kubelet counts them (the kernel's total from loadavg). */
async function readPids(root: string): Promise<HostPressure['pids']> {
  const number = async (path: string): Promise<number> =>
    Number((await readFile(join(root, 'proc/sys/kernel', path), 'utf8').catch(() => '0')).trim());
  const [loadavg, pidMax, threadsMax] = await Promise.all([
    readFile(join(root, 'proc/loadavg'), 'utf8').catch(() => ''),
    number('pid_max'),
    number('threads-max'),
  ]);
  const used = Number(/\/(\d+) /.exec(loadavg)?.[1] ?? 0) || (await countProcesses(root));
  return { used, max: Math.min(pidMax || Number.POSITIVE_INFINITY, threadsMax || Number.POSITIVE_INFINITY) };
}

async function countProcesses(root: string): Promise<number> {
  const names = await readdir(join(root, 'proc')).catch(() => []);
  return names.filter((name) => /^\d+$/.test(name)).length;
}
