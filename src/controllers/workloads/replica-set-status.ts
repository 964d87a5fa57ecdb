import type { Pod, ReplicaSet } from '../../kinds/types.ts';
import { matchesLabels, selectorFromSet } from '../../machinery/selectors.ts';
import { formatTime } from '../../machinery/time.ts';
import type { PodFailure } from './pod-control.ts';
import { availableAt, isPodActive, isPodFinished, isPodReady } from './pod-facts.ts';

type Status = NonNullable<ReplicaSet['status']>;
type Condition = NonNullable<Status['conditions']>[number];

/** The ReplicaSet's status, and when to look again because a pod becomes available by waiting. */
export interface ReplicaSetStatusPlan {
  readonly status: Status;
  readonly nextMs: number | undefined;
}

function conditions(old: Status | undefined, failure: PodFailure | undefined, now: number): readonly Condition[] {
  const others = (old?.conditions ?? []).filter((c) => c.type !== 'ReplicaFailure');
  if (failure === undefined) return others;
  const before = old?.conditions?.find((c) => c.type === 'ReplicaFailure');
  if (before?.reason === failure.reason) return old?.conditions ?? [];
  return [...others, { type: 'ReplicaFailure', status: 'True', lastTransitionTime: formatTime(now), ...failure }];
}

/** The status of a ReplicaSet from the pods that it owns. Pure. */
export function replicaSetStatus(
  replicaSet: ReplicaSet,
  pods: readonly Pod[],
  { now, failure }: { readonly now: number; readonly failure?: PodFailure },
): ReplicaSetStatusPlan {
  const active = pods.filter(isPodActive);
  const template = selectorFromSet(replicaSet.spec?.template?.metadata?.labels ?? {});
  const times = active.map((pod) => availableAt(pod, replicaSet.spec?.minReadySeconds ?? 0));
  const waits = times.filter((at) => at !== undefined && at > now) as readonly number[];
  const kept = conditions(replicaSet.status, failure, now);
  const status: Status = {
    replicas: active.length,
    fullyLabeledReplicas: active.filter((pod) => matchesLabels(template, pod.metadata?.labels)).length || undefined,
    readyReplicas: active.filter(isPodReady).length || undefined,
    availableReplicas: times.filter((at) => at !== undefined && at <= now).length || undefined,
    terminatingReplicas: pods.filter((pod) => !isPodActive(pod) && !isPodFinished(pod)).length,
    observedGeneration: replicaSet.metadata?.generation,
    conditions: kept.length > 0 ? kept : undefined,
  };
  return { status, nextMs: waits.length > 0 ? Math.min(...waits) - now : undefined };
}
