import { podQosClass } from '../../kinds/pod-spec/qos.ts';
import type { Pod, PodCondition, PodStatus } from '../../kinds/types.ts';
import { setCondition } from '../../machinery/conditions.ts';
import { formatTime } from '../../machinery/time.ts';
import { isPodFinished } from '../workloads/pod-facts.ts';
import { containerStatuses } from './container-status.ts';
import type { PodObservation } from './facts.ts';
import { givenAtFirst } from './own-resources.ts';
import { podConditions } from './pod-conditions.ts';
import { podPhase } from './pod-phase.ts';
import type { RestartBases } from './restart-count.ts';

/** What the mapper takes beside the pod as it is stored. */
export interface MapInput {
  readonly observation: PodObservation;
  readonly bases: RestartBases | undefined;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Why a pod is over though its containers might go on. */
type Ending = Pick<PodStatus, 'reason' | 'message'>;

const OVERDUE: Ending = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};

function isAnyRunning({ init, app }: ReturnType<typeof containerStatuses>): boolean {
  return [...init, ...app].some(({ state }) => state?.running !== undefined);
}

function endingOf({ isOverdue, eviction }: PodObservation): Ending | undefined {
  if (eviction !== undefined) return { reason: 'Evicted', message: eviction.message };
  return isOverdue === true ? OVERDUE : undefined;
}

/** A pod that had to make room says so. */
function withDisruption(
  conditions: readonly PodCondition[],
  pod: Pod,
  { observation: { eviction }, now }: Pick<MapInput, 'observation' | 'now'>,
): readonly PodCondition[] {
  if (!eviction?.isDisruption) return conditions;
  const { message } = eviction;
  const observedGeneration = pod.metadata?.generation;
  const found = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'TerminationByKubelet',
    message,
    observedGeneration,
  };
  return setCondition(conditions, found, formatTime(now));
}

/**
 * Facts of the host and the stored status → the pod's status. Pure and idempotent: equal facts give an equal status.
 * Phases Succeeded and Failed never change again.
 */
export function mapPodStatus(pod: Pod, { observation, bases, now }: MapInput): PodStatus | undefined {
  const { spec, status: old } = pod;
  if (spec === undefined || isPodFinished(pod)) return old;
  const statuses = containerStatuses({ pod, observation, bases });
  const ending = isAnyRunning(statuses) ? undefined : endingOf(observation);
  const phase = ending !== undefined ? 'Failed' : podPhase(spec, statuses);
  const hasSandbox = observation.infra?.activeState === 'active' && phase !== 'Succeeded' && phase !== 'Failed';
  return {
    ...givenAtFirst(pod),
    ...old,
    phase,
    ...ending,
    observedGeneration: pod.metadata?.generation,
    conditions: withDisruption(podConditions({ pod, spec, statuses, phase, hasSandbox, now }), pod, {
      observation,
      now,
    }),
    initContainerStatuses: statuses.init.length > 0 ? statuses.init : undefined,
    containerStatuses: statuses.app,
    ephemeralContainerStatuses: statuses.ephemeral.length > 0 ? statuses.ephemeral : undefined,
    hostIP: observation.hostIps[0] ?? old?.hostIP,
    hostIPs: observation.hostIps.length > 0 ? observation.hostIps.map((ip) => ({ ip })) : old?.hostIPs,
    startTime: old?.startTime ?? formatTime(now),
    qosClass: old?.qosClass ?? podQosClass(spec),
  };
}
