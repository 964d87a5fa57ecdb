import type { Pod, PodCondition } from '../../kinds/types.ts';
import { timeOf } from '../clock.ts';

/** A condition of the pod by type. */
export function podCondition(pod: Pod, type: string): PodCondition | undefined {
  return pod.status?.conditions?.find((c) => c.type === type);
}

/** Whether the pod's Ready condition is true. */
export function isPodReady(pod: Pod): boolean {
  return podCondition(pod, 'Ready')?.status === 'True';
}

/** Neither finished nor being deleted. */
export function isPodActive(pod: Pod): boolean {
  return !isPodFinished(pod) && pod.metadata?.deletionTimestamp === undefined;
}

/** Whether the pod's phase is one that never changes again. */
export function isPodFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** When a ready pod counts as available, in ms since the epoch; undefined when it isn't ready. */
export function availableAt(pod: Pod, minReadySeconds: number): number | undefined {
  const ready = podCondition(pod, 'Ready');
  if (ready?.status !== 'True') return undefined;
  return minReadySeconds === 0 ? 0 : timeOf(ready.lastTransitionTime) + minReadySeconds * 1000;
}

/** Sum of the containers' restarts at most: the largest of any container, as upstream ranks pods. */
export function maxRestarts(pod: Pod): number {
  return Math.max(0, ...(pod.status?.containerStatuses ?? []).map((s) => s.restartCount));
}
