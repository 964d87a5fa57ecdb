import type { Deployment, ReplicaSet } from '../../kinds/types.ts';
import { byAge } from '../meta.ts';
import {
  activeOnes,
  DESIRED_REPLICAS,
  fenceposts,
  isRolling,
  MAX_REPLICAS,
  replicasOf,
  totalReplicas,
} from './rollout-facts.ts';

/** A new size of a ReplicaSet. */
export interface Resize {
  readonly replicaSet: ReplicaSet;
  readonly to: number;
}

/** The current ReplicaSet (if there is one yet) and the old ones. */
export interface Rollout {
  readonly deployment: Deployment;
  readonly current: ReplicaSet | undefined;
  readonly old: readonly ReplicaSet[];
}

function all({ current, old }: Rollout): readonly ReplicaSet[] {
  return current === undefined ? old : [...old, current];
}

/** Whether the Deployment's replicas changed since its ReplicaSets were scaled last. */
export function isScalingEvent(rollout: Rollout): boolean {
  const wanted = `${replicasOf(rollout.deployment)}`;
  return activeOnes(all(rollout)).some((rs) => {
    const desired = rs.metadata?.annotations?.[DESIRED_REPLICAS];
    return desired !== undefined && desired !== wanted;
  });
}

function annotation(replicaSet: ReplicaSet, key: string): number | undefined {
  const value = Number(replicaSet.metadata?.annotations?.[key]);
  return Number.isInteger(value) ? value : undefined;
}

/** The only ReplicaSet that matters while nothing rolls; undefined while several have pods. */
function activeOrLatest(rollout: Rollout): ReplicaSet | undefined {
  const active = activeOnes(all(rollout));
  if (active.length > 1) return undefined;
  return active[0] ?? rollout.current ?? [...rollout.old].sort(byAge).at(-1);
}

function isSaturated({ deployment, current }: Rollout): boolean {
  const wanted = replicasOf(deployment);
  return (
    current !== undefined &&
    replicasOf(current) === wanted &&
    annotation(current, DESIRED_REPLICAS) === wanted &&
    current.status?.availableReplicas === wanted
  );
}

/** What a ReplicaSet's share of a changed total is, rounded to pods. */
function fraction(replicaSet: ReplicaSet, deployment: Deployment): number {
  const size = replicasOf(replicaSet);
  if (replicasOf(deployment) === 0) return -size;
  const annotated = annotation(replicaSet, MAX_REPLICAS) ?? deployment.status?.replicas ?? 0;
  if (annotated === 0) return 0;
  return Math.round((size * (replicasOf(deployment) + fenceposts(deployment).surge)) / annotated) - size;
}

function proportion(replicaSet: ReplicaSet, deployment: Deployment, left: number): number {
  if (replicasOf(replicaSet) === 0 || left === 0) return 0;
  const share = fraction(replicaSet, deployment);
  return left > 0 ? Math.min(share, left) : Math.max(share, left);
}

/** Bigger first; of equals the newer first when growing, the older first when shrinking. */
function forChange(toAdd: number): (a: ReplicaSet, b: ReplicaSet) => number {
  return (a, b) => replicasOf(b) - replicasOf(a) || (toAdd > 0 ? byAge(b, a) : byAge(a, b));
}

function planProportional(rollout: Rollout): readonly Resize[] {
  const { deployment } = rollout;
  const active = activeOnes(all(rollout));
  const allowed = replicasOf(deployment) > 0 ? replicasOf(deployment) + fenceposts(deployment).surge : 0;
  const toAdd = allowed - totalReplicas(active);
  let left = toAdd;
  const sizes = [...active].sort(forChange(toAdd)).map((replicaSet) => {
    const share = proportion(replicaSet, deployment, left);
    left -= share;
    return { replicaSet, to: replicasOf(replicaSet) + share };
  });
  return sizes.map(({ replicaSet, to }, i) => ({ replicaSet, to: i === 0 ? Math.max(0, to + left) : to }));
}

/** Sizes after a change of `spec.replicas`, without rolling anything: in proportion in the middle of a rollout. */
export function planScaling(rollout: Rollout): readonly Resize[] {
  const only = activeOrLatest(rollout);
  if (only !== undefined) return [{ replicaSet: only, to: replicasOf(rollout.deployment) }];
  if (isSaturated(rollout)) return activeOnes(rollout.old).map((replicaSet) => ({ replicaSet, to: 0 }));
  return isRolling(rollout.deployment) ? planProportional(rollout) : [];
}
