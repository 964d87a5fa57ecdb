import { podQosClass } from '../../../src/kinds/pod-spec/qos.ts';
import type { Container } from '../../../src/kinds/types.ts';
import { units } from './amounts.ts';
import type { ContainerPlace, PodSite } from './site.ts';

const GUARANTEED = -997;
const BEST_EFFORT = 1000;
/** `system-node-critical`, and whatever is above it. */
const NODE_CRITICAL_PRIORITY = 2_000_001_000;

/**
 * Whom the kernel kills first when memory runs out, as the kubelet has it (`GetContainerOOMScoreAdjust`): the less a
 * container asked for, the sooner. Undefined where a burstable container meets a host whose memory isn't known.
 */
export function oomScoreAdjust(place: ContainerPlace, { spec, context }: PodSite): number | undefined {
  if ((spec.priority ?? 0) >= NODE_CRITICAL_PRIORITY) return GUARANTEED;
  const qos = podQosClass(spec);
  if (qos !== 'Burstable') return qos === 'Guaranteed' ? GUARANTEED : BEST_EFFORT;
  const capacity = units(context.allocatable?.memory);
  if (capacity === undefined || capacity === 0) return undefined;
  const share = podShare(spec);
  const score = (request: number): number => 1000 - Math.floor((1000 * (request + share)) / capacity);
  const own = score(requestOf(place.container));
  const least = Math.min(...spec.containers.map(requestOf));
  const adjusted = place.names.role === 'sidecar' ? Math.min(own, score(least)) : own;
  return Math.min(BEST_EFFORT - 1, Math.max(BEST_EFFORT + GUARANTEED, adjusted));
}

function requestOf({ resources }: Container): number {
  return units(resources?.requests?.['memory'] ?? resources?.limits?.['memory']) ?? 0;
}

/** What the pod asks for beyond its containers, in equal parts. */
function podShare(spec: PodSite['spec']): number {
  const asked = units(spec.resources?.requests?.['memory'] ?? spec.resources?.limits?.['memory']);
  if (asked === undefined) return 0;
  const containers = [...spec.containers, ...(spec.initContainers ?? [])];
  const together = spec.containers.reduce((total, container) => total + requestOf(container), 0);
  return Math.floor(Math.max(0, asked - together) / containers.length);
}
