import type { DaemonSet } from '../../kinds/types.ts';
import { availableAt, isPodReady } from '../workloads/pod-facts.ts';
import { type DaemonView, desiredNodes, isAvailable, isUpdated } from './daemon-view.ts';

type Status = NonNullable<DaemonSet['status']>;

/** The status, and when to look again because a pod becomes available by waiting. */
export interface DaemonStatusPlan {
  readonly status: Status;
  readonly nextMs: number | undefined;
}

/** The DaemonSet's numbers; a node counts by its oldest pod. Pure. */
export function daemonStatus(view: DaemonView, collisionCount: number | undefined): DaemonStatusPlan {
  const { set, nodes, now } = view;
  const wanted = nodes.filter(({ placement }) => placement.shouldRun);
  const oldest = wanted.map(({ pods }) => pods[0]).filter((pod) => pod !== undefined);
  const desired = desiredNodes(view);
  const ready = oldest.filter(isPodReady);
  const available = ready.filter((pod) => isAvailable(pod, view)).length;
  const waits = ready
    .map((pod) => (availableAt(pod, set.spec?.minReadySeconds ?? 0) ?? 0) - now)
    .filter((ms) => ms > 0);
  const status: Status = {
    currentNumberScheduled: oldest.length,
    numberMisscheduled: nodes.filter(({ placement, pods }) => !placement.shouldRun && pods.length > 0).length,
    desiredNumberScheduled: desired,
    numberReady: ready.length,
    observedGeneration: set.metadata?.generation,
    updatedNumberScheduled: oldest.filter((pod) => isUpdated(pod, view)).length || undefined,
    numberAvailable: available || undefined,
    numberUnavailable: desired - available || undefined,
    collisionCount,
    conditions: set.status?.conditions,
  };
  return { status, nextMs: waits.length > 0 ? Math.min(...waits) : undefined };
}
