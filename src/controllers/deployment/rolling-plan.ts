import type { ReplicaSet } from '../../kinds/types.ts';
import { byAge } from '../meta.ts';
import { activeOnes, fenceposts, isRolling, replicasOf, totalAvailable, totalReplicas } from './rollout-facts.ts';
import type { Resize, Rollout } from './scaling-plan.ts';

/** How many pods the current ReplicaSet may have now; `current` undefined means that it is about to be made. */
export function currentReplicas({ deployment, current, old }: Rollout): number {
  const wanted = replicasOf(deployment);
  if (!isRolling(deployment)) return wanted;
  const size = current === undefined ? 0 : replicasOf(current);
  const room = wanted + fenceposts(deployment).surge - totalReplicas(old) - size;
  return room <= 0 ? size : size + Math.min(room, wanted - size);
}

/** Takes up to `budget` pods away from ReplicaSets, oldest first; `spare` says how many each can give. */
function takeAway(
  replicaSets: readonly Resize[],
  budget: number,
  spare: (resize: Resize) => number,
): readonly Resize[] {
  let left = budget;
  return [...replicaSets]
    .sort((a, b) => byAge(a.replicaSet, b.replicaSet))
    .map((resize) => {
      const taken = Math.max(0, Math.min(left, spare(resize)));
      left -= taken;
      return { ...resize, to: resize.to - taken };
    });
}

function unhealthy({ replicaSet, to }: Resize): number {
  return to - (replicaSet.status?.availableReplicas ?? 0);
}

/** Which old ReplicaSets shrink: first their unhealthy pods, then healthy ones that availability can spare. */
function planOld({ deployment, current, old }: Rollout & { readonly current: ReplicaSet }): readonly Resize[] {
  const active = activeOnes(old);
  const everything = [...old, current];
  const minAvailable = replicasOf(deployment) - fenceposts(deployment).unavailable;
  const newUnavailable = replicasOf(current) - (current.status?.availableReplicas ?? 0);
  const most = totalReplicas(everything) - minAvailable - newUnavailable;
  if (active.length === 0 || most <= 0) return [];
  const start = active.map((replicaSet) => ({ replicaSet, to: replicasOf(replicaSet) }));
  const cleaned = takeAway(start, most, unhealthy);
  const spare = totalAvailable(everything) - minAvailable;
  return takeAway(cleaned, Math.max(0, spare), ({ to }) => to);
}

/** The next step of a rolling update: grow the current ReplicaSet, or else shrink old ones. */
export function planRolling(rollout: Rollout & { readonly current: ReplicaSet }): readonly Resize[] {
  const { deployment, current } = rollout;
  const size = replicasOf(current);
  const wanted = size > replicasOf(deployment) ? replicasOf(deployment) : currentReplicas(rollout);
  if (wanted !== size) return [{ replicaSet: current, to: wanted }];
  return planOld(rollout).filter(({ replicaSet, to }) => to !== replicasOf(replicaSet));
}
