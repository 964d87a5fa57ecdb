import type { Pod, PodStatus } from '../kinds/types.ts';
import { parseQuantity, quantityToNumber } from '../machinery/quantity.ts';
import type { Controller } from './controller.ts';
import type { EventRecorder } from './events.ts';
import { isDeleting, objectKey, splitKey, uidOf } from './meta.ts';
import type { Resources } from './resources.ts';
import { isPodFinished } from './workloads/pod-facts.ts';

/** What the controller needs. */
export interface EmptyDirLimitsOptions {
  readonly resources: Resources;
  readonly recorder: EventRecorder;
  readonly nodeName: string;
  /** Bytes on disk of a pod's emptyDir. */
  readonly emptyDirUsage: (uid: string, volume: string) => Promise<number>;
}

/** Between two looks at a pod with limits. */
const EVERY_MS = 30_000;

interface Limit {
  readonly volume: string;
  /** As the pod has it. */
  readonly text: string;
  readonly bytes: number;
}

/** The limits of a pod's volumes on disk; those in memory are the kernel's to hold. Pure. */
export function diskLimits({ spec }: Pod): readonly Limit[] {
  return (spec?.volumes ?? []).flatMap(({ name, emptyDir }) => {
    const parsed = emptyDir?.sizeLimit === undefined ? undefined : parseQuantity(emptyDir.sizeLimit);
    if (!parsed?.ok || emptyDir?.medium === 'Memory') return [];
    const bytes = quantityToNumber(parsed.value);
    return bytes > 0 ? [{ volume: name, text: emptyDir?.sizeLimit ?? '', bytes }] : [];
  });
}

function evictedStatus(status: PodStatus | undefined, message: string): PodStatus {
  return { ...status, phase: 'Failed', reason: 'Evicted', message };
}

/** The first limit that is exceeded, in the kubelet's words. */
async function excess(pod: Pod, { emptyDirUsage }: EmptyDirLimitsOptions): Promise<string | undefined> {
  for (const { volume, text, bytes } of diskLimits(pod)) {
    if ((await emptyDirUsage(uidOf(pod), volume)) > bytes) {
      return `Usage of EmptyDir volume "${volume}" exceeds the limit "${text}". `;
    }
  }
  return undefined;
}

/** Evicts pods whose emptyDir on disk outgrew its sizeLimit; costs nothing where no pod has one. */
export function emptyDirLimits(options: EmptyDirLimitsOptions): Controller {
  const { resources, recorder, nodeName } = options;
  const isConcerned = (pod: Pod): boolean =>
    pod.spec?.nodeName === nodeName && !isPodFinished(pod) && !isDeleting(pod) && diskLimits(pod).length > 0;
  return {
    name: 'empty-dir-limits',
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
      { what: '/pods#status of evicted pods', mode: 'exclusive' },
      { what: '/events', mode: 'shared' },
    ],
    reconcile: async (key) => {
      const { namespace, name } = splitKey(key);
      const pod = resources.pods.find(namespace, name);
      if (pod === undefined || !isConcerned(pod)) return undefined;
      const message = await excess(pod, options);
      if (message === undefined) return { afterMs: EVERY_MS };
      const evict = (now: Pod): Pod | undefined =>
        isPodFinished(now) ? undefined : { ...now, status: evictedStatus(now.status, message) };
      await resources.pods.modify(pod, evict, 'status');
      recorder.record(pod, { type: 'Warning', reason: 'Evicted', message, component: 'kubelet' });
      return undefined;
    },
  };
}
