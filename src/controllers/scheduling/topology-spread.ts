import type { Pod } from '../../kinds/types.ts';
import { isDeleting, namespaceOf } from '../meta.ts';
import { selects } from '../workloads/claim.ts';
import type { Obstacle, SchedulingSnapshot } from './snapshot.ts';

const REASON = "node(s) didn't match pod topology spread constraints";

type Constraint = NonNullable<NonNullable<Pod['spec']>['topologySpreadConstraints']>[number];

/** `PodTopologySpread` where there is one node: it is the emptiest domain, unless more domains are asked for. */
export function spreadObstacles(pod: Pod, { node, bound }: SchedulingSnapshot): readonly Obstacle[] {
  const hard = (pod.spec?.topologySpreadConstraints ?? []).filter((one) => one.whenUnsatisfiable === 'DoNotSchedule');
  for (const constraint of hard) {
    if (node.metadata?.labels?.[constraint.topologyKey] === undefined) {
      return [{ reason: `${REASON} (missing required label)`, resolvable: false }];
    }
    const here = bound().filter((other) => !isDeleting(other) && isCounted(constraint, pod, other)).length;
    const least = (constraint.minDomains ?? 1) > 1 ? 0 : here;
    const skew = here + (isCounted(constraint, pod, pod) ? 1 : 0) - least;
    if (skew > constraint.maxSkew) return [{ reason: REASON, resolvable: true }];
  }
  return [];
}

function isCounted({ labelSelector, matchLabelKeys = [] }: Constraint, pod: Pod, other: Pod): boolean {
  const labels = pod.metadata?.labels ?? {};
  const sameKeys = matchLabelKeys.every(
    (key) => labels[key] === undefined || other.metadata?.labels?.[key] === labels[key],
  );
  return namespaceOf(other) === namespaceOf(pod) && sameKeys && selects(labelSelector, other);
}
