import type { Job, Pod } from '../../kinds/types.ts';
import { timeOf } from '../clock.ts';
import { podCondition } from '../workloads/pod-facts.ts';
import { ignoredIndexFailuresOf, indexFailuresOf, isFailed, isTracked } from './job-facts.ts';

const FIRST_MS = 10_000;
const LAST_MS = 600_000;

function lastEnd(pod: Pod): number | undefined {
  const ends = (pod.status?.containerStatuses ?? []).map((s) => timeOf(s.state?.terminated?.finishedAt));
  return ends.length > 0 && ends.every((end) => end > 0) ? Math.max(...ends) : undefined;
}

/** When the pod ended, in ms: by its containers, its Ready condition, its deletion or at last its creation. */
export function finishedAt(pod: Pod): number {
  const { deletionTimestamp, deletionGracePeriodSeconds = 0, creationTimestamp } = pod.metadata ?? {};
  const byContainers = lastEnd(pod);
  if (byContainers !== undefined) return byContainers;
  const ready = podCondition(pod, 'Ready');
  if (ready?.status === 'False' && ready.lastTransitionTime) return timeOf(ready.lastTransitionTime);
  if (deletionTimestamp !== undefined) return timeOf(deletionTimestamp) - deletionGracePeriodSeconds * 1000;
  return timeOf(creationTimestamp);
}

/** Milliseconds until a replacement may start: 10 s doubling to 10 min after the last of `failures` in a row. */
export function remainingBackOff(failures: number, lastFailure: number, now: number): number {
  if (failures === 0) return 0;
  const pause = Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 30), LAST_MS);
  // A clock that was put back makes nobody wait longer than the pause.
  return Math.min(pause, Math.max(0, lastFailure + pause - now));
}

/**
 * Milliseconds until the Job may make pods again, from the pods that are there: failures since the last success.
 * Upstream keeps the number in memory; ours survives a restart.
 */
export function jobBackOff(job: Job, pods: readonly Pod[], now: number): number {
  const ended = (pod: Pod): boolean => pod.status?.phase === 'Failed' || (isTracked(pod) && isFailed(pod, job));
  const successes = pods.filter((pod) => pod.status?.phase === 'Succeeded').map(finishedAt);
  const lastSuccess = Math.max(Number.NEGATIVE_INFINITY, ...successes);
  const failures = pods
    .filter(ended)
    .map(finishedAt)
    .filter((at) => at > lastSuccess);
  return remainingBackOff(failures.length, Math.max(Number.NEGATIVE_INFINITY, ...failures), now);
}

/** Milliseconds until the index of this failed pod may be tried again. */
export function indexBackOff(failed: Pod | undefined, now: number): number {
  if (failed === undefined) return 0;
  return remainingBackOff(indexFailuresOf(failed) + ignoredIndexFailuresOf(failed) + 1, finishedAt(failed), now);
}
