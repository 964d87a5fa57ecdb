import type { Pod } from '../kinds/types.ts';
import { setCondition } from '../machinery/conditions.ts';
import { formatTime } from '../machinery/time.ts';
import type { Clock } from './clock.ts';
import type { Controller, ObjectChange, Requeue } from './controller.ts';
import { podsOn } from './indexes.ts';
import { byAge, isDeleting, objectKey, splitKey } from './meta.ts';
import type { Resources } from './resources.ts';
import { isPodFinished } from './workloads/pod-facts.ts';

/** What the controller needs. */
export interface PodGarbageOptions {
  readonly resources: Resources;
  readonly clock: Clock;
  /** Most pods that have ended and are kept; 12500 unless given, as upstream's `--terminated-pod-gc-threshold`. */
  readonly threshold?: number;
}

const THRESHOLD = 12_500;
/** How long a node has to be gone before its pods go. */
const QUARANTINE_MS = 40_000;
const ENDED = 'ended pods';

const byEnd = (pod: Pod): readonly string[] => (isPodFinished(pod) && !isDeleting(pod) ? ['ended'] : []);

/** Which pods that have ended go: those that were evicted first, then the oldest. Pure. */
export function surplusPods(ended: readonly Pod[], threshold: number): readonly Pod[] {
  const isEvicted = ({ status }: Pod): number => (status?.reason === 'Evicted' ? 0 : 1);
  const sorted = [...ended].sort((a, b) => isEvicted(a) - isEvicted(b) || byAge(a, b));
  return sorted.slice(0, Math.max(0, ended.length - threshold));
}

/** The pod as it is told of before it goes with its node. */
function abandoned(pod: Pod, now: number): Pod {
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByPodGC',
    message: 'PodGC: node no longer exists',
    observedGeneration: pod.metadata?.generation,
  };
  const conditions = setCondition(pod.status?.conditions, condition, formatTime(now));
  return { ...pod, status: { ...pod.status, phase: isPodFinished(pod) ? pod.status?.phase : 'Failed', conditions } };
}

function isOrphan({ spec }: Pod, { nodes }: Resources): boolean {
  return Boolean(spec?.nodeName) && nodes.find('', spec?.nodeName ?? '') === undefined;
}

function concerned({ type, entry }: ObjectChange, resources: Resources): readonly string[] {
  const pod = entry.object as Pod;
  if (type === 'DELETED') return [];
  return [...(isPodFinished(pod) ? [ENDED] : []), ...(isOrphan(pod, resources) ? [objectKey(pod)] : [])];
}

/** Deletes pods of nodes that are gone, and of those that have ended the ones that are too many; kube-controller-manager's podgc. */
export function podGarbageCollection({ resources, clock, threshold = THRESHOLD }: PodGarbageOptions): Controller {
  const { pods } = resources;
  const orphanedSince = new Map<string, number>();
  const removeSurplus = async (): Promise<undefined> => {
    const ended = pods.index(byEnd);
    if (ended.count('ended') <= threshold) return undefined;
    for (const pod of surplusPods(ended.get('ended'), threshold)) await pods.delete(pod, { gracePeriodSeconds: 0 });
    return undefined;
  };
  const removeOrphan = async (key: string): Promise<Requeue | undefined> => {
    const { namespace, name } = splitKey(key);
    const pod = pods.find(namespace, name);
    if (pod === undefined || !isOrphan(pod, resources)) {
      orphanedSince.delete(key);
      return undefined;
    }
    const since = orphanedSince.get(key) ?? clock.elapsed();
    orphanedSince.set(key, since);
    const left = since + QUARANTINE_MS - clock.elapsed();
    if (left > 0) return { afterMs: left };
    await pods.modify(pod, (now) => abandoned(now, clock.now()), 'status');
    await pods.delete(pod, { gracePeriodSeconds: 0 });
    return undefined;
  };
  return {
    name: 'pod-garbage-collection',
    inputs: [
      { resource: '/pods', keys: (change) => concerned(change, resources) },
      {
        resource: '/nodes',
        keys: ({ type, entry }) =>
          type === 'DELETED' ? podsOn(entry.object.metadata?.name ?? '', pods).map(objectKey) : [],
      },
    ],
    outputs: [
      { what: '/pods', mode: 'shared' },
      { what: '/pods#status.conditions.DisruptionTarget', mode: 'shared' },
    ],
    reconcile: (key) => (key === ENDED ? removeSurplus() : removeOrphan(key)),
  };
}
