import type { Pod } from '../../kinds/types.ts';

/** What of a container is on disk. */
export interface ContainerDisk {
  readonly name: string;
  /** Its writable layer. */
  readonly layerBytes: number;
  readonly logBytes: number;
}

/** What a running container holds of the machine's memory and processes. */
export interface ContainerMemory {
  readonly name: string;
  /** What can't be taken back without swapping. */
  readonly memoryBytes: number;
  /** With what of it could be taken back. */
  readonly usageBytes: number;
  readonly processes: number;
}

/** What a running container uses of what can run short. */
export interface ContainerLoad extends ContainerMemory, ContainerDisk {}

/** What a pod's volume takes on this machine's disk. */
export interface VolumeLoad {
  readonly name: string;
  readonly bytes: number;
  readonly inodes: number;
}

/** What a pod uses. */
export interface PodLoad {
  readonly containers: readonly ContainerLoad[];
  /** Those that go with the pod; not what is in memory. */
  readonly volumes: readonly VolumeLoad[];
}

/** Measures what pods have on disk: takes time, and is asked only where it matters. */
export interface PodDisks {
  /** Volumes that go with the pod and are not in memory. */
  volumes(pod: Pod): Promise<readonly VolumeLoad[]>;
  /** Of its containers that are there now. */
  containers(pod: Pod): Promise<readonly ContainerDisk[]>;
}

/** Running containers of pods; those of which nothing runs may be missing. */
export type PodMemoryReader = (pods: readonly Pod[]) => Promise<ReadonlyMap<Pod, readonly ContainerMemory[]>>;

/** Sums that pods are ranked by. */
export interface PodTotals {
  readonly memoryBytes: number;
  readonly diskBytes: number;
  readonly inodes: number;
  readonly processes: number;
}

/** All of a pod. Pure. */
export function totalsOf({ containers, volumes }: PodLoad): PodTotals {
  const sum = <T>(list: readonly T[], value: (one: T) => number): number =>
    list.reduce((total, one) => total + value(one), 0);
  return {
    memoryBytes: sum(containers, (one) => one.memoryBytes),
    processes: sum(containers, (one) => one.processes),
    diskBytes: sum(containers, (one) => one.layerBytes + one.logBytes) + sum(volumes, (one) => one.bytes),
    inodes: sum(volumes, (one) => one.inodes),
  };
}

/** What readers of loads are made of. */
export interface LoadReaders {
  readonly memory: PodMemoryReader;
  readonly disks?: PodDisks | undefined;
}

/** Pods with what they use; with `withDisks` also of the disk. */
export async function readLoads(
  pods: readonly Pod[],
  { memory, disks }: LoadReaders,
): Promise<ReadonlyMap<Pod, PodLoad>> {
  const measured = await memory(pods);
  const loads = pods.map(async (pod): Promise<readonly [Pod, PodLoad]> => {
    const [volumes, layers] = await Promise.all([disks?.volumes(pod) ?? [], disks?.containers(pod) ?? []]);
    const containers = (measured.get(pod) ?? []).map((one) => {
      const { layerBytes = 0, logBytes = 0 } = layers.find(({ name }) => name === one.name) ?? {};
      return { ...one, layerBytes, logBytes };
    });
    return [pod, { containers, volumes }];
  });
  return new Map(await Promise.all(loads));
}
