import type { DiskFacts, HostPressure } from '../host/pressure.ts';
import type { LayerDisk, VolumeDisk } from './pod-disks.ts';

/** What of a pod's disks stands in a summary. */
export interface PodDiskFacts {
  readonly layers: readonly LayerDisk[];
  readonly volumes: readonly VolumeDisk[];
  readonly pressure: HostPressure;
  /** RFC 3339. */
  readonly time: string;
}

/** stats/v1alpha1 FsStats of a filesystem, and of how much of it something takes. */
function fsStats(
  { availableBytes, totalBytes, freeInodes, totalInodes }: DiskFacts,
  used: { readonly time: string; readonly usedBytes?: number; readonly inodesUsed?: number },
): object {
  return {
    availableBytes,
    capacityBytes: totalBytes,
    usedBytes: totalBytes - availableBytes,
    inodesFree: freeInodes,
    inodes: totalInodes,
    inodesUsed: totalInodes - freeInodes,
    ...used,
  };
}

/** The node's filesystems, and its process ids. Pure. */
export function nodeDisks({ nodeDisk, imageDisk, pids }: HostPressure, time: string): object {
  const images = fsStats(imageDisk, { time });
  return {
    fs: fsStats(nodeDisk, { time }),
    runtime: { imageFs: images, containerFs: images },
    ...(Number.isFinite(pids.max) ? { rlimit: { time, maxpid: pids.max, curproc: pids.used } } : {}),
  };
}

/** A container's writable layer and log. Pure. */
export function containerDisks(name: string, { layers, pressure, time }: PodDiskFacts): object {
  const layer = layers.find((one) => one.name === name);
  if (layer === undefined) return {};
  return {
    rootfs: fsStats(pressure.imageDisk, { time, usedBytes: layer.layerBytes }),
    logs: fsStats(pressure.nodeDisk, { time, usedBytes: layer.logBytes }),
  };
}

/** A pod's volumes, and all that it takes. Pure. */
export function podDisks({ layers, volumes, pressure, time }: PodDiskFacts): object {
  const usedBytes = [
    ...layers.map(({ layerBytes, logBytes }) => layerBytes + logBytes),
    ...volumes.map(({ bytes }) => bytes),
  ].reduce((sum, one) => sum + one, 0);
  const inodesUsed = volumes.reduce((sum, { inodes }) => sum + inodes, 0);
  return {
    volume: volumes.map(({ name, bytes, inodes }) => ({
      name,
      ...fsStats(pressure.nodeDisk, { time, usedBytes: bytes, inodesUsed: inodes }),
    })),
    'ephemeral-storage': fsStats(pressure.nodeDisk, { time, usedBytes, inodesUsed }),
  };
}
