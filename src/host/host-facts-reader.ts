import { readFile } from 'node:fs/promises';
import { type HostFactsOptions, readHostFacts } from './facts.ts';
import type { Podman } from './podman.ts';
import { type HostPressure, readHostPressure } from './pressure.ts';

/** Facts about the host in the terms of a Node object. */
export interface NodeFacts {
  readonly hostname: string;
  readonly machineId: string;
  /** DMI product uuid; '' where there is none. */
  readonly systemUuid: string;
  readonly bootId: string;
  readonly kernelVersion: string;
  readonly osImage: string;
  readonly architecture: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  readonly storageBytes: number;
  readonly hugepages: readonly { readonly pageBytes: number; readonly count: number }[];
  readonly cgroupControllers: readonly string[];
  /** Whether processes may be spared when memory runs out. */
  readonly canProtectFromOom: boolean;
  readonly systemdVersion: string;
  /** The preferred one first. */
  readonly addresses: readonly string[];
  /** '' when Podman can't be asked. */
  readonly podmanVersion: string;
  readonly memoryPressure: boolean;
  readonly diskPressure: boolean;
  readonly pidPressure: boolean;
}

/** Options of the reader. */
export interface HostFactsReaderOptions extends HostFactsOptions {
  readonly podman: Pick<Podman, 'version'>;
}

/** Reads the host anew each time. */
export function createHostFactsReader(options: HostFactsReaderOptions): { read(): Promise<NodeFacts> } {
  return { read: () => readNodeFacts(options) };
}

async function readNodeFacts(options: HostFactsReaderOptions): Promise<NodeFacts> {
  const [facts, pressure, podmanVersion, systemUuid] = await Promise.all([
    readHostFacts(options),
    readHostPressure(options.storagePath, options.root),
    options.podman.version().catch(() => ''),
    readFile(`${options.root ?? ''}/sys/class/dmi/id/product_uuid`, 'utf8').catch(() => ''),
  ]);
  return {
    ...facts,
    kernelVersion: facts.kernelRelease,
    addresses: facts.addresses.map((one) => one.address),
    systemUuid: systemUuid.trim(),
    podmanVersion,
    ...pressureConditions(pressure),
  };
}

/** Of the disk, and of process ids. */
const MIN_FREE_DISK = 0.1;
const MIN_FREE_INODES = 0.05;
const MIN_FREE_PIDS = 0.05;
const MIN_FREE_MEMORY_BYTES = 100 * 1024 * 1024;

/** The kubelet's default eviction thresholds (memory 100 MiB, disk 10 %, inodes 5 %); for pids, where it has none, 5 %. */
export function pressureConditions({
  memory,
  disk,
  pids,
}: HostPressure): Pick<NodeFacts, 'memoryPressure' | 'diskPressure' | 'pidPressure'> {
  const isShort = (free: number, total: number, share: number): boolean => total > 0 && free < total * share;
  return {
    memoryPressure: memory.totalBytes > 0 && memory.availableBytes < MIN_FREE_MEMORY_BYTES,
    diskPressure:
      isShort(disk.availableBytes, disk.totalBytes, MIN_FREE_DISK) ||
      isShort(disk.freeInodes, disk.totalInodes, MIN_FREE_INODES),
    pidPressure: Number.isFinite(pids.max) && isShort(pids.max - pids.used, pids.max, MIN_FREE_PIDS),
  };
}
