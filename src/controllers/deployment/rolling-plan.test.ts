import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Deployment, ReplicaSet } from '../../kinds/types.ts';
import { currentReplicas, planRolling } from './rolling-plan.ts';
import { DESIRED_REPLICAS, fenceposts, MAX_REPLICAS, replicasOf } from './rollout-facts.ts';
import { isScalingEvent, planScaling, type Resize } from './scaling-plan.ts';

function deployment(
  replicas: number,
  rollingUpdate: { maxSurge: number | string; maxUnavailable: number | string },
): Deployment {
  const strategy = { type: 'RollingUpdate', rollingUpdate };
  return { metadata: { name: 'd' }, spec: { replicas, strategy, selector: {}, template: {} } } as unknown as Deployment;
}

let age = 0;
function replicaSet(name: string, replicas: number, available = replicas, max = replicas): ReplicaSet {
  age += 1;
  const annotations = { [DESIRED_REPLICAS]: `${replicas}`, [MAX_REPLICAS]: `${max}` };
  const creationTimestamp = `2026-01-01T00:00:${String(age % 60).padStart(2, '0')}Z`;
  return {
    metadata: { name, annotations, creationTimestamp },
    spec: { replicas, selector: {} },
    status: { replicas, availableReplicas: available },
  } as ReplicaSet;
}

const sizes = (resizes: readonly Resize[]) =>
  Object.fromEntries(resizes.map((r) => [r.replicaSet.metadata?.name, r.to]));

describe('a rolling update', () => {
  it('resolves percentages: surge up, unavailable down, never both zero', () => {
    expect(fenceposts(deployment(10, { maxSurge: '25%', maxUnavailable: '25%' }))).toEqual({
      surge: 3,
      unavailable: 2,
    });
    expect(fenceposts(deployment(1, { maxSurge: 0, maxUnavailable: '25%' }))).toEqual({ surge: 0, unavailable: 1 });
  });

  it('first grows the new one, then shrinks old ones, unhealthy pods first', () => {
    const d = deployment(10, { maxSurge: 2, maxUnavailable: 2 });
    const old = [replicaSet('old', 10)];
    expect(currentReplicas({ deployment: d, current: undefined, old })).toBe(2);
    const grown = { deployment: d, current: replicaSet('new', 2, 0), old };
    expect(sizes(planRolling(grown))).toEqual({ old: 8 });
    const sick = {
      deployment: d,
      current: replicaSet('new', 2, 0),
      old: [replicaSet('a', 5, 5), replicaSet('b', 5, 3)],
    };
    expect(sizes(planRolling(sick))).toEqual({ b: 3 });
    const ready = { deployment: d, current: replicaSet('new', 2, 2), old: [replicaSet('old', 8)] };
    expect(sizes(planRolling(ready))).toEqual({ new: 4 });
  });

  it('gets there from any state of health, never above the surge nor below the availability', () => {
    const given = fc.record({
      replicas: fc.integer({ min: 1, max: 12 }),
      surge: fc.integer({ min: 0, max: 5 }),
      unavailable: fc.integer({ min: 0, max: 5 }),
    });
    const check = ({
      replicas,
      surge,
      unavailable,
    }: {
      replicas: number;
      surge: number;
      unavailable: number;
    }): void => {
      const d = deployment(replicas, { maxSurge: surge, maxUnavailable: unavailable });
      const limits = fenceposts(d);
      let current = replicaSet('new', 0);
      let old = [replicaSet('old', replicas)];
      for (let i = 0; i < 100; i++) {
        const changes = sizes(planRolling({ deployment: d, current, old }));
        const resize = (rs: ReplicaSet): ReplicaSet =>
          replicaSet(rs.metadata?.name ?? '', changes[rs.metadata?.name ?? ''] ?? replicasOf(rs));
        current = resize(current);
        old = old.map(resize);
        const total = replicasOf(current) + old.reduce((n, rs) => n + replicasOf(rs), 0);
        expect(total).toBeLessThanOrEqual(replicas + limits.surge);
        expect(total).toBeGreaterThanOrEqual(replicas - limits.unavailable);
      }
      expect([replicasOf(current), ...old.map(replicasOf)]).toEqual([replicas, 0]);
    };
    fc.assert(fc.property(given, check));
  });
});

describe('scaling', () => {
  it('in the middle of a rollout shares out in proportion', () => {
    const d = deployment(20, { maxSurge: 0, maxUnavailable: 1 });
    const rollout = { deployment: d, current: replicaSet('new', 2, 2, 10), old: [replicaSet('old', 8, 8, 10)] };
    expect(isScalingEvent(rollout)).toBe(true);
    expect(sizes(planScaling(rollout))).toEqual({ new: 4, old: 16 });
  });

  it('of a settled Deployment changes its only ReplicaSet', () => {
    const rollout = {
      deployment: deployment(5, { maxSurge: 1, maxUnavailable: 0 }),
      current: replicaSet('new', 2),
      old: [replicaSet('old', 0)],
    };
    expect(sizes(planScaling(rollout))).toEqual({ new: 5 });
  });
});
