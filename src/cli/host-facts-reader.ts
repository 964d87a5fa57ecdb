import type { HostFactsReader } from '../controllers/host-facts.ts';
import { readHostFacts } from '../host/facts.ts';
import type { Podman } from '../host/podman.ts';
import { readHostPressure } from '../host/pressure.ts';

/** The kubelet's default eviction thresholds (`--eviction-hard`), as the fraction or amount that must be free. */
const MEMORY_AVAILABLE_BYTES = 100 * 1024 * 1024;
const DISK_AVAILABLE = 0.1;
const INODES_FREE = 0.05;
const PIDS_USED = 0.95;

/** The drivers' facts in the shape in which the Node controller wants them. */
export function createHostFactsReader(podman: Podman): HostFactsReader {
  return {
    read: async () => {
      const [facts, pressure, podmanVersion] = await Promise.all([
        readHostFacts(),
        readHostPressure(),
        podman.version().catch(() => ''),
      ]);
      const { memory, disk, pids } = pressure;
      return {
        ...facts,
        systemUuid: '',
        kernelVersion: facts.kernelRelease,
        addresses: facts.addresses.map(({ address }) => address),
        podmanVersion,
        memoryPressure: memory.availableBytes > 0 && memory.availableBytes < MEMORY_AVAILABLE_BYTES,
        diskPressure:
          isShort(disk.availableBytes, disk.totalBytes, DISK_AVAILABLE) ||
          isShort(disk.freeInodes, disk.totalInodes, INODES_FREE),
        pidPressure: pids.used > pids.max * PIDS_USED,
      };
    },
  };
}

function isShort(free: number, total: number, fraction: number): boolean {
  return total > 0 && free < total * fraction;
}
