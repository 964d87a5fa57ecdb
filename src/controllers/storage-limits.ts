import type { Pod } from '../kinds/types.ts';
import type { Controller } from './controller.ts';
import { type Evictor, evictPod, IMMEDIATE_GRACE } from './eviction/evict-pod.ts';
import type { PodDisks } from './eviction/pod-usage.ts';
import { type DiskLoad, diskLimits, exceededLimit, hasStorageLimit } from './eviction/storage-limits.ts';
import { isDeleting, objectKey, splitKey, uidOf } from './meta.ts';
import type { Resources } from './resources.ts';
import { isPodFinished } from './workloads/pod-facts.ts';

/** What the controller needs. */
export interface StorageLimitsOptions extends Evictor {
  readonly resources: Resources;
  readonly nodeName: string;
  readonly disks: PodDisks;
}

/** Between two looks at a pod with limits. */
const EVERY_MS = 30_000;

/** Containers are only measured where that may matter. */
async function measure(pod: Pod, disks: PodDisks): Promise<DiskLoad> {
  const [volumes, containers] = await Promise.all([
    disks.volumes(pod),
    hasStorageLimit(pod) ? disks.containers(pod) : [],
  ]);
  return { volumes, containers };
}

/**
 * Evicts pods that outgrow what they may have of the disk: an emptyDir its sizeLimit, the pod or a container its limit of
 * ephemeral-storage. Costs nothing where no pod has such limits.
 */
export function storageLimits(options: StorageLimitsOptions): Controller {
  const { resources, nodeName, disks, evictions } = options;
  const isConcerned = (pod: Pod): boolean =>
    pod.spec?.nodeName === nodeName &&
    !isPodFinished(pod) &&
    !isDeleting(pod) &&
    evictions.get(uidOf(pod)) === undefined &&
    (diskLimits(pod).length > 0 || hasStorageLimit(pod));
  return {
    name: 'storage-limits',
    inputs: [
      {
        resource: '/pods',
        keys: ({ type, entry, previous }) => {
          const pod = entry.object as Pod;
          const isNew = (previous?.object as Pod | undefined)?.spec?.nodeName !== pod.spec?.nodeName;
          return type !== 'DELETED' && isNew && isConcerned(pod) ? [objectKey(pod)] : [];
        },
      },
    ],
    outputs: [
      { what: 'evictions', mode: 'shared' },
      { what: '/events', mode: 'shared' },
    ],
    reconcile: async (key) => {
      const { namespace, name } = splitKey(key);
      const pod = resources.pods.find(namespace, name);
      if (pod === undefined || !isConcerned(pod)) return undefined;
      const message = exceededLimit(pod, await measure(pod, disks));
      if (message === undefined) return { afterMs: EVERY_MS };
      await evictPod(pod, { message, graceSeconds: IMMEDIATE_GRACE, isDisruption: false }, options);
      return undefined;
    },
  };
}
