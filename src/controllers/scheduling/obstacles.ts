import type { Pod } from '../../kinds/types.ts';
import { nodeMatches } from '../workloads/node-affinity.ts';
import { isRepelled, toleratesUnschedulable } from '../workloads/taints.ts';
import { hasPortConflict } from './host-ports.ts';
import { affinityObstacles } from './pod-affinity.ts';
import { lackOfResources } from './resource-fit.ts';
import type { Obstacle, SchedulingSnapshot } from './snapshot.ts';
import { spreadObstacles } from './topology-spread.ts';

/** Effects of taints that keep pods from being placed. */
const HARD_EFFECTS = ['NoSchedule', 'NoExecute'];

type Filter = (pod: Pod, snapshot: SchedulingSnapshot) => readonly Obstacle[];

const never = (is: boolean, reason: string): readonly Obstacle[] => (is ? [{ reason, resolvable: false }] : []);

/** Upstream's filters in its order; the first that objects is the one that is heard. */
const FILTERS: readonly Filter[] = [
  (pod, { node }) =>
    never(node.spec?.unschedulable === true && !toleratesUnschedulable(pod), 'node(s) were unschedulable'),
  (pod, { node }) => never(isRepelled(pod, node, HARD_EFFECTS), 'node(s) had untolerated taint(s)'),
  (pod, { node }) => never(!nodeMatches(pod, node), "node(s) didn't match Pod's node affinity/selector"),
  (pod, { load }) =>
    hasPortConflict(pod, load.withPorts)
      ? [{ reason: "node(s) didn't have free ports for the requested pod ports", resolvable: true }]
      : [],
  lackOfResources,
  (_, { volumes }) => volumes?.conflicts ?? [],
  spreadObstacles,
  affinityObstacles,
];

/** Why the pod can't be placed; nothing when it can. */
export function findObstacles(pod: Pod, snapshot: SchedulingSnapshot): readonly Obstacle[] {
  for (const filter of FILTERS) {
    const found = filter(pod, snapshot);
    if (found.length > 0) return found;
  }
  return [];
}

/** Why no node of the only one will do, in `FitError`'s form. */
export function unavailable(obstacles: readonly { readonly reason: string }[]): string {
  const reasons = obstacles.map(({ reason }) => `1 ${reason}`).sort();
  return `0/1 nodes are available: ${reasons.join(', ')}.`;
}
