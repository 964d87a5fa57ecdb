/** What the machine is. Read at start-up and when it may have changed. */
export interface HostFacts {
  readonly hostname: string;
  /** Contents of /etc/machine-id. */
  readonly machineId: string;
  /** DMI product uuid; '' where there is none. */
  readonly systemUuid: string;
  readonly bootId: string;
  readonly kernelVersion: string;
  /** PRETTY_NAME of os-release. */
  readonly osImage: string;
  /** Go's names: `amd64`, `arm64`, … */
  readonly architecture: string;
  readonly cpus: number;
  readonly memoryBytes: number;
  /** Size of the file system that holds containers. */
  readonly storageBytes: number;
  readonly hugepages?: readonly { readonly pageBytes: number; readonly count: number }[];
  /** cgroup v2 controllers that units can be given; not known where absent. */
  readonly cgroupControllers?: readonly string[];
  /** Addresses of the host, the preferred one first. */
  readonly addresses: readonly string[];
  /** Podman's version; '' when it can't be asked. */
  readonly podmanVersion: string;
}

/** Reads facts about the host. */
export interface HostFactsReader {
  read(): Promise<HostFacts>;
  /** Calls `listener` when facts may have changed (address, name), until aborted. */
  watch?(listener: () => void, options: { readonly signal: AbortSignal }): void;
}
