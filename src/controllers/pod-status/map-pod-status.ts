import { podQosClass } from '../../kinds/pod-spec/qos.ts';
import type { Pod, PodStatus } from '../../kinds/types.ts';
import { formatTime } from '../../machinery/time.ts';
import { isPodFinished } from '../workloads/pod-facts.ts';
import { containerStatuses } from './container-status.ts';
import type { PodObservation } from './facts.ts';
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

const OVERDUE = {
  reason: 'DeadlineExceeded',
  message: 'Pod was active on the node longer than the specified deadline',
};

function isAnyRunning({ init, app }: ReturnType<typeof containerStatuses>): boolean {
  return [...init, ...app].some(({ state }) => state?.running !== undefined);
}

/**
 * Facts of the host and the stored status → the pod's status. Pure and idempotent: equal facts give an equal status.
 * Phases Succeeded and Failed never change again.
 */
export function mapPodStatus(pod: Pod, { observation, bases, now }: MapInput): PodStatus | undefined {
  const { spec, status: old } = pod;
  if (spec === undefined || isPodFinished(pod)) return old;
  const statuses = containerStatuses({ pod, observation, bases });
  const isOver = observation.isOverdue === true && !isAnyRunning(statuses);
  const phase = isOver ? 'Failed' : podPhase(spec, statuses);
  const hasSandbox = observation.infra?.activeState === 'active' && phase !== 'Succeeded' && phase !== 'Failed';
  return {
    ...old,
    phase,
    ...(isOver ? OVERDUE : {}),
    observedGeneration: pod.metadata?.generation,
    conditions: podConditions({ pod, spec, statuses, phase, hasSandbox, now }),
    initContainerStatuses: statuses.init.length > 0 ? statuses.init : undefined,
    containerStatuses: statuses.app,
    ephemeralContainerStatuses: statuses.ephemeral.length > 0 ? statuses.ephemeral : undefined,
    hostIP: observation.hostIps[0] ?? old?.hostIP,
    hostIPs: observation.hostIps.length > 0 ? observation.hostIps.map((ip) => ({ ip })) : old?.hostIPs,
    startTime: old?.startTime ?? formatTime(now),
    qosClass: old?.qosClass ?? podQosClass(spec),
  };
}
