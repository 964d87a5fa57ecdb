import type { Pod, StatefulSet } from '../../kinds/types.ts';
import { isDeleting, nameOf } from '../meta.ts';
import { availableAt } from '../workloads/pod-facts.ts';
import { podRevision } from './stateful-pod.ts';
import { isAvailable, isRunningAndReady, type StatefulView } from './stateful-view.ts';

type Status = NonNullable<StatefulSet['status']>;

/** The status, and when to look again because a pod becomes available by waiting. */
export interface StatefulStatusPlan {
  readonly status: Status;
  readonly nextMs: number | undefined;
}

/** Once every pod is of the new revision and ready, that revision is the current one. */
function completed(set: StatefulSet, status: Status): Status {
  const { replicas: wanted = 1, updateStrategy } = set.spec ?? {};
  const numbers = [status.updatedReplicas ?? 0, status.readyReplicas ?? 0, status.replicas];
  if (updateStrategy?.type !== 'RollingUpdate' || numbers.some((n) => n !== wanted)) return status;
  return { ...status, currentReplicas: status.updatedReplicas, currentRevision: status.updateRevision };
}

/** The set's numbers and revisions. Pure. */
export function statefulStatus(view: StatefulView, collisionCount: number | undefined): StatefulStatusPlan {
  const { set, pods, current, update, now } = view;
  const staying = pods.filter((pod) => !isDeleting(pod));
  const of = (revision: string) => staying.filter((pod: Pod) => podRevision(pod) === revision).length || undefined;
  const ready = pods.filter((pod) => isRunningAndReady(pod));
  const waits = ready
    .map((pod) => (availableAt(pod, set.spec?.minReadySeconds ?? 0) ?? 0) - now)
    .filter((ms) => ms > 0);
  const status: Status = {
    observedGeneration: set.metadata?.generation,
    replicas: pods.length,
    readyReplicas: ready.length || undefined,
    currentReplicas: of(nameOf(current)),
    updatedReplicas: of(nameOf(update)),
    currentRevision: nameOf(current),
    updateRevision: nameOf(update),
    collisionCount: collisionCount ?? 0,
    availableReplicas: pods.filter((pod) => isAvailable(pod, view)).length,
    conditions: set.status?.conditions,
  };
  return { status: completed(set, status), nextMs: waits.length > 0 ? Math.min(...waits) : undefined };
}
