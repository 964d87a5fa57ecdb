import { readFile } from 'node:fs/promises';
import { type HostFactsOptions, readHostFacts } from './facts.ts';
import type { Podman } from './podman.ts';

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
  /** Whether the kernel enforces AppArmor profiles. */
  readonly hasAppArmor: boolean;
  /** Whether the kernel has SCTP, or could load it. */
  readonly hasSctp: boolean;
  /** The preferred one first. */
  readonly addresses: readonly string[];
  /** '' when Podman can't be asked. */
  readonly podmanVersion: string;
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
  const [facts, podmanVersion, systemUuid] = await Promise.all([
    readHostFacts(options),
    options.podman.version().catch(() => ''),
    readFile(`${options.root ?? ''}/sys/class/dmi/id/product_uuid`, 'utf8').catch(() => ''),
  ]);
  return {
    ...facts,
    kernelVersion: facts.kernelRelease,
    addresses: facts.addresses.map((one) => one.address),
    systemUuid: systemUuid.trim(),
    podmanVersion,
  };
}
