import { hasOwnResources } from '../../kinds/pod-spec/qos.ts';
import { listOf } from '../../kinds/quota/amounts.ts';
import { podRequirements } from '../../kinds/quota/pod-requirements.ts';
import type { Pod, PodStatus } from '../../kinds/types.ts';

/** What a pod says of what it was given as a whole. */
export type OwnResources = Pick<PodStatus, 'resources' | 'allocatedResources'>;

/** What a pod that asks for something as a whole has when it is given that; nothing for the others. */
export function ownResources({ spec }: Pod): OwnResources {
  if (spec === undefined || !hasOwnResources(spec.resources)) return {};
  const { overhead: _, ...own } = spec;
  return {
    resources: { limits: spec.resources?.limits, requests: listOf(podRequirements(own, 'requests')) },
    allocatedResources: listOf(podRequirements(spec, 'requests')),
  };
}

/** What a pod is given when it starts; later on only a resize changes it. */
export function givenAtFirst(pod: Pod): OwnResources {
  const isNew = pod.status?.containerStatuses?.[0]?.resources === undefined;
  return isNew ? ownResources(pod) : {};
}
