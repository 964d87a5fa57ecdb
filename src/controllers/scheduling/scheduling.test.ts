import { describe, expect, it } from 'vitest';
import type { Node, Pod, PodDisruptionBudget } from '../../kinds/types.ts';
import { planScheduling } from '../pod-scheduling.ts';
import { planTaintEviction } from '../taint-eviction.ts';
import { secondsTolerated } from '../workloads/taints.ts';
import { loadOf } from './node-load.ts';
import type { SchedulingSnapshot } from './snapshot.ts';

const node: Node = {
  metadata: { name: 'host', labels: { zone: 'a' } },
  status: { allocatable: { cpu: '2', 'example.com/thing': '5', pods: '10' } },
};

interface Shape {
  readonly name?: string;
  readonly things?: number;
  readonly priority?: number;
  readonly labels?: { readonly [name: string]: string };
  readonly spec?: object;
  readonly status?: object;
  readonly metadata?: object;
}

function pod({ name = 'new', things = 0, priority = 0, labels, spec = {}, status, metadata = {} }: Shape = {}): Pod {
  const requests = { 'example.com/thing': String(things) };
  return {
    metadata: { name, namespace: 'default', uid: name, ...(labels ? { labels } : {}), ...metadata },
    spec: { priority, containers: [{ name: 'c', resources: { requests } }], ...spec },
    ...(status ? { status } : {}),
  };
}

const plan = (incoming: Pod, bound: readonly Pod[], more: Partial<SchedulingSnapshot> = {}) =>
  planScheduling(incoming, { node, load: loadOf(bound), bound: () => bound, ...more });

const messageOf = (incoming: Pod, bound: readonly Pod[] = []): string => {
  const made = plan(incoming, bound);
  return 'message' in made ? made.message : made.action;
};

const victimsOf = (
  incoming: Pod,
  bound: readonly Pod[],
  more: Partial<SchedulingSnapshot> = {},
): readonly unknown[] => {
  const made = plan(incoming, bound, more);
  return made.action === 'preempt' ? made.victims.map(({ metadata }) => metadata?.name) : [made];
};

describe('resources', () => {
  it('counts extended ones, overhead, sidecars and init containers', () => {
    const resources = { requests: { cpu: '1' } };
    const sidecar = { name: 's', restartPolicy: 'Always', resources };
    const init = { name: 'i', resources: { requests: { cpu: '1500m' } } };
    expect([
      messageOf(pod({ things: 5 })),
      messageOf(pod({ things: 6 })),
      messageOf(pod({ spec: { overhead: { cpu: '2001m' } } })),
      messageOf(pod({ spec: { initContainers: [sidecar, init], containers: [{ name: 'c' }] } })),
      messageOf(pod({ spec: { initContainers: [init], containers: [{ name: 'c', resources }] } })),
      messageOf(pod({ spec: { containers: [{ name: 'c', resources: { requests: { 'example.com/no': '1' } } }] } })),
    ]).toEqual([
      'bind',
      expect.stringContaining('1 Insufficient example.com/thing. '),
      expect.stringContaining('1 Insufficient cpu. '),
      expect.stringContaining('1 Insufficient cpu. '),
      'bind',
      expect.stringContaining('1 Insufficient example.com/no. '),
    ]);
  });

  it('counts a pod that is being resized with what it has and with what it will have', () => {
    const container = (cpu: string) => ({ name: 'c', resources: { requests: { cpu } } });
    const status = { containerStatuses: [{ name: 'c', allocatedResources: { cpu: '1500m' } }] };
    const shrinking = pod({ name: 'old', spec: { containers: [container('500m')] }, status });
    const asking = pod({ spec: { containers: [container('1')] } });
    expect(messageOf(asking, [shrinking])).toContain('1 Insufficient cpu.');
    const whole = (cpu: string) => ({ resources: { requests: { cpu } }, containers: [{ name: 'c' }] });
    const own = { resources: { requests: { cpu: '1500m' } }, allocatedResources: { cpu: '1500m' } };
    expect(messageOf(asking, [pod({ name: 'old', spec: whole('500m'), status: own })])).toContain(
      '1 Insufficient cpu.',
    );
  });

  it("doesn't count what a pod asks for in vain", () => {
    const conditions = [{ type: 'PodResizePending', status: 'True', reason: 'Infeasible' }];
    const resources = { requests: { cpu: '500m' } };
    const spec = { resources: { requests: { cpu: '64' } }, containers: [{ name: 'c' }] };
    const vain = pod({ name: 'old', spec, status: { resources, conditions } });
    expect(messageOf(pod({ spec: { containers: [{ name: 'c', resources }] } }), [vain])).toBe('bind');
  });
});

describe('pods among pods', () => {
  const term = (topologyKey = 'zone', app = 'a') => ({ labelSelector: { matchLabels: { app } }, topologyKey });
  const affinity = (side: string, terms: readonly object[]) => ({
    affinity: { [side]: { requiredDuringSchedulingIgnoredDuringExecution: terms } },
  });
  const a = pod({ name: 'a', labels: { app: 'a' } });

  it('join those that they want to be with, unless they are the first', () => {
    const wanting = (labels = {}, terms = [term()]) => pod({ labels, spec: affinity('podAffinity', terms) });
    expect([
      messageOf(wanting(), [a]),
      messageOf(wanting()),
      messageOf(wanting({ app: 'a' })),
      messageOf(wanting({ app: 'a' }, [term('rack')]), [a]),
    ]).toEqual([
      'bind',
      "0/1 nodes are available: 1 node(s) didn't match pod affinity rules. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
      'bind',
      expect.stringContaining("didn't match pod affinity rules"),
    ]);
  });

  it('stay away from those that they, or that them, avoid', () => {
    const avoiding = pod({ name: 'x', labels: { app: 'x' }, spec: affinity('podAntiAffinity', [term()]) });
    expect([messageOf(avoiding, [a]), messageOf(a, [avoiding]), messageOf(pod(), [avoiding])]).toEqual([
      expect.stringContaining("1 node(s) didn't match pod anti-affinity rules."),
      expect.stringContaining("1 node(s) didn't satisfy existing pods anti-affinity rules."),
      'bind',
    ]);
  });

  it('spread over one domain, unless more of them are asked for', () => {
    const constraint = (more: object) => ({
      topologySpreadConstraints: [{ maxSkew: 1, whenUnsatisfiable: 'DoNotSchedule', ...term(), ...more }],
    });
    const spreading = (more: object = {}) => pod({ labels: { app: 'a' }, spec: constraint(more) });
    expect([
      messageOf(spreading(), [a, a]),
      messageOf(spreading({ minDomains: 2 }), [a]),
      messageOf(spreading({ minDomains: 2 })),
      messageOf(spreading({ topologyKey: 'rack' })),
      messageOf(spreading({ topologyKey: 'rack', whenUnsatisfiable: 'ScheduleAnyway' })),
    ]).toEqual([
      'bind',
      expect.stringContaining("1 node(s) didn't match pod topology spread constraints."),
      'bind',
      expect.stringContaining('(missing required label)'),
      'bind',
    ]);
  });
});

describe('preemption', () => {
  const low = pod({ name: 'low', things: 2, priority: 1 });
  const medium = pod({ name: 'medium', things: 2, priority: 2 });

  it('takes the least important that make enough room, and no more', () => {
    expect(victimsOf(pod({ things: 2, priority: 3 }), [low, medium])).toEqual(['low']);
    expect(victimsOf(pod({ things: 5, priority: 3 }), [low, medium])).toEqual(['medium', 'low']);
  });

  it('takes the younger of equals, and spares what a budget protects', () => {
    const old = pod({ name: 'old', things: 2, status: { startTime: '2026-01-01T00:00:00Z' } });
    const young = pod({
      name: 'young',
      labels: { app: 'a' },
      things: 2,
      status: { startTime: '2026-01-02T00:00:00Z' },
    });
    const budget: PodDisruptionBudget = {
      metadata: { namespace: 'default', name: 'b', uid: 'b' },
      spec: { selector: { matchLabels: { app: 'a' } } },
      status: { disruptionsAllowed: 0, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
    };
    const incoming = pod({ things: 2, priority: 1 });
    expect(victimsOf(incoming, [old, young])).toEqual(['young']);
    expect(victimsOf(incoming, [old, young], { budgets: [budget] })).toEqual(['old']);
  });

  it.each<[string, Pod, readonly Pod[], string]>([
    [
      'is not for equals',
      pod({ things: 2, priority: 1 }),
      [low, medium],
      'preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.',
    ],
    [
      'is not for those who would rather wait',
      pod({
        things: 2,
        priority: 9,
        spec: { priority: 9, preemptionPolicy: 'Never', containers: low.spec?.containers },
      }),
      [low, medium],
      'preemption: not eligible due to preemptionPolicy=Never.',
    ],
    [
      'is of no use where the node is too small anyway',
      pod({ things: 6, priority: 9 }),
      [low],
      'preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    ],
    [
      'is of no use where those that stay are too much already',
      pod({ things: 4, priority: 2 }),
      [low, medium],
      'preemption: 0/1 nodes are available: 1 Insufficient example.com/thing.',
    ],
  ])('%s', (_, incoming, bound, message) => {
    expect(messageOf(incoming, bound)).toContain(message);
  });

  it('waits for those that are leaving already', () => {
    const conditions = [{ type: 'DisruptionTarget', status: 'True', reason: 'PreemptionByScheduler' }];
    const leaving = { ...low, metadata: { ...low.metadata, deletionTimestamp: 'now' }, status: { conditions } };
    const incoming = pod({ things: 2, priority: 3, status: { nominatedNodeName: 'host' } });
    expect(messageOf(incoming, [leaving, medium])).toContain('a terminating pod on the nominated node.');
  });
});

describe('NoExecute taints', () => {
  const tainted = (...keys: readonly string[]): Node => ({
    spec: { taints: keys.map((key) => ({ key, effect: 'NoExecute' })) },
  });
  const tolerating = (...seconds: readonly (number | undefined)[]): Pod =>
    pod({
      spec: {
        tolerations: seconds.map((tolerationSeconds, i) => ({ key: `k${i}`, operator: 'Exists', tolerationSeconds })),
      },
    });

  it('are borne for the shortest time that is said, or for ever, or not at all', () => {
    expect([
      secondsTolerated(pod(), tainted()),
      secondsTolerated(pod(), tainted('k0')),
      secondsTolerated(tolerating(30, 5), tainted('k0', 'k1')),
      secondsTolerated(tolerating(undefined), tainted('k0')),
      secondsTolerated(tolerating(-1), tainted('k0')),
    ]).toEqual([undefined, 0, 5, Number.POSITIVE_INFINITY, 0]);
  });

  it('send pods away when their time is up', () => {
    expect([
      planTaintEviction(undefined, 0, 0),
      planTaintEviction(5, 1000, 3000),
      planTaintEviction(5, 1000, 6000),
      planTaintEviction(Number.POSITIVE_INFINITY, 0, 1e9),
    ]).toEqual([{ action: 'stay' }, { action: 'wait', ms: 3000 }, { action: 'evict' }, { action: 'stay' }]);
  });
});
