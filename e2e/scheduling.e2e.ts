import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event, Pod } from '../src/kinds/types.ts';
import { eventually, kubectl } from './harness.ts';
import { shellPod } from './manifests.ts';
import { apply, getObject, isReady, remove, run, untilPod } from './pods.ts';

const IMAGE = 'localhost:5000/busybox:latest';
const SLEEP = 'exec sleep 1000';
const container = (more: object = {}) => ({ name: 'main', image: IMAGE, command: ['sh', '-c', SLEEP], ...more });
/** What the scheduler says at the end when nobody can make room. */
const HOPELESS =
  'no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';
const NO_VICTIMS =
  'no new claims to deallocate, preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod.';
const TAKEN = [{ containerPort: 80, hostPort: 18_090 }];
const labelled = { key: 'e2e-place', operator: 'In', values: ['here'] };
const affinityTo = (kind: 'podAffinity' | 'podAntiAffinity', app: string) => ({
  affinity: {
    [kind]: {
      requiredDuringSchedulingIgnoredDuringExecution: [
        { topologyKey: 'kubernetes.io/hostname', labelSelector: { matchLabels: { app } } },
      ],
    },
  },
});

/** Pods that fit nowhere, and why. */
const MISFITS: { readonly [name: string]: { readonly spec: object; readonly why: string } } = {
  'misfit-selector': {
    spec: { nodeSelector: { 'e2e-place': 'elsewhere' } },
    why: `1 node(s) didn't match Pod's node affinity/selector. ${HOPELESS}`,
  },
  'misfit-affinity': {
    spec: {
      affinity: {
        nodeAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchExpressions: [{ key: 'e2e-place', operator: 'DoesNotExist' }] }],
          },
        },
      },
    },
    why: `1 node(s) didn't match Pod's node affinity/selector. ${HOPELESS}`,
  },
  'misfit-size': {
    spec: { containers: [container({ resources: { requests: { cpu: '1000', memory: '100Ti' } } })] },
    why: `1 Insufficient cpu, 1 Insufficient memory. ${HOPELESS}`,
  },
  'misfit-port': {
    spec: { containers: [container({ ports: TAKEN })] },
    why: `1 node(s) didn't have free ports for the requested pod ports. ${NO_VICTIMS}`,
  },
  'misfit-apart': {
    spec: affinityTo('podAntiAffinity', 'settled'),
    why: `1 node(s) didn't match pod anti-affinity rules. ${NO_VICTIMS}`,
  },
  'misfit-together': {
    spec: affinityTo('podAffinity', 'nobody'),
    why: `1 node(s) didn't match pod affinity rules. ${HOPELESS}`,
  },
};

const fit = {
  nodeSelector: { 'e2e-place': 'here' },
  affinity: {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [labelled] }] },
    },
    ...affinityTo('podAffinity', 'misfit-port').affinity,
  },
};

let node = '';
const conditionOf = (pod: Pod, type: string) => pod.status?.conditions?.find((one) => one.type === type);

async function messages(pod: string, reason: string): Promise<readonly string[]> {
  const selector = `--field-selector=involvedObject.name=${pod},reason=${reason}`;
  return (await getObject<{ items: Event[] }>('events', selector)).items.map(({ message }) => message ?? '');
}

beforeAll(async () => {
  node = (await run('get', 'nodes', '-o', 'name')).trim().replace('node/', '');
  await run('label', 'node', node, 'e2e-place=here');
  await apply(shellPod('settled', SLEEP, { containers: [container({ ports: TAKEN })] }));
  await untilPod('settled', isReady, 'ready');
});

afterAll(async () => {
  await run('label', 'node', node, 'e2e-place-');
  await run('taint', 'node', node, 'e2e-').catch(() => '');
  const others = ['settled', 'fit', 'gated', 'gate-keeper', 'untolerating', 'tolerating', 'appointed'];
  await remove('pod', ...Object.keys(MISFITS), ...others, '--grace-period=1');
});

describe('a pod that fits nowhere', () => {
  it('is told why, in upstream’s words', async () => {
    await Promise.all(Object.entries(MISFITS).map(([name, { spec }]) => apply(shellPod(name, SLEEP, spec))));
    for (const [name, { why }] of Object.entries(MISFITS)) {
      const expected = `0/1 nodes are available: ${why}`;
      const pod = await untilPod(name, (p) => conditionOf(p, 'PodScheduled')?.status === 'False', 'not scheduled');
      expect(conditionOf(pod, 'PodScheduled'), name).toMatchObject({ reason: 'Unschedulable', message: expected });
      expect(pod.status?.phase).toBe('Pending');
      await eventually(async () => expect(await messages(name, 'FailedScheduling')).toContain(expected), {
        what: `the event of ${name}`,
      });
    }
  });

  it('is started as soon as there is room', async () => {
    await remove('pod', 'settled', '--grace-period=1');
    await untilPod('misfit-port', isReady, 'ready');
    await untilPod('misfit-apart', isReady, 'ready');
  });

  it('is not here because of a taint that it does not tolerate', async () => {
    await run('taint', 'node', node, 'e2e=kept:NoSchedule');
    await apply(shellPod('untolerating', SLEEP));
    await apply(shellPod('tolerating', SLEEP, { tolerations: [{ key: 'e2e', value: 'kept', effect: 'NoSchedule' }] }));
    const pod = await untilPod('untolerating', (p) => conditionOf(p, 'PodScheduled')?.status === 'False', 'kept out');
    expect(conditionOf(pod, 'PodScheduled')?.message).toBe(
      `0/1 nodes are available: 1 node(s) had untolerated taint(s). ${HOPELESS}`,
    );
    await untilPod('tolerating', isReady, 'ready');
    await run('taint', 'node', node, 'e2e-');
    await untilPod('untolerating', isReady, 'ready');
  });
});

describe('a pod that fits', () => {
  it('is where its selectors and its company are, and says that it was scheduled', async () => {
    await apply(shellPod('fit', SLEEP, fit));
    const { metadata } = await untilPod('fit', isReady, 'ready');
    const selector = `--field-selector=involvedObject.uid=${metadata?.uid},reason=Scheduled`;
    const { items } = await getObject<{ items: Event[] }>('events', selector);
    expect(items.map(({ message }) => message)).toEqual([`Successfully assigned default/fit to ${node}`]);
  });

  it('needs no scheduler when it names its node', async () => {
    await apply(shellPod('appointed', SLEEP, { nodeName: node, schedulerName: 'nobody' }));
    await untilPod('appointed', isReady, 'ready');
  });

  it('waits for its gates', async () => {
    await apply(shellPod('gated', SLEEP, { schedulingGates: [{ name: 'e2e.example/one' }] }));
    const pod = await untilPod('gated', (p) => conditionOf(p, 'PodScheduled')?.status === 'False', 'held up');
    expect(conditionOf(pod, 'PodScheduled')).toMatchObject({
      ...{ reason: 'SchedulingGated', message: 'Scheduling is blocked due to non-empty scheduling gates' },
    });
    expect(await run('get', 'pod', 'gated', '--no-headers')).toMatch(/0\/1 +SchedulingGated/);
    await run('patch', 'pod', 'gated', '--type=json', '--patch', '[{"op":"remove","path":"/spec/schedulingGates"}]');
    await untilPod('gated', isReady, 'ready');
  });
});

describe('a pod’s conditions', () => {
  it('tell how far it is, and readiness waits for gates of others', async () => {
    const initContainers = [
      { ...container(), name: 'first', command: ['sh', '-c', 'until [ -e /tmp/go ]; do sleep 0.2; done'] },
    ];
    await apply(
      shellPod('gate-keeper', SLEEP, { initContainers, readinessGates: [{ conditionType: 'e2e.example/fed' }] }),
    );
    const starting = await untilPod(
      'gate-keeper',
      (p) => p.status?.initContainerStatuses?.[0]?.state?.running !== undefined,
      'initializing',
    );
    expect(conditionOf(starting, 'Initialized')).toMatchObject({
      ...{ status: 'False', reason: 'ContainersNotInitialized', message: 'containers with incomplete status: [first]' },
    });
    expect(conditionOf(starting, 'ContainersReady')).toMatchObject({ status: 'False', reason: 'ContainersNotReady' });
    // Its end may be the end of the command, too.
    await kubectl(['exec', 'gate-keeper', '--container=first', '--', 'touch', '/tmp/go']);
    const waiting = await untilPod(
      'gate-keeper',
      (p) => conditionOf(p, 'ContainersReady')?.status === 'True',
      'running',
    );
    for (const type of ['PodReadyToStartContainers', 'Initialized', 'PodScheduled']) {
      expect(conditionOf(waiting, type)?.status, type).toBe('True');
    }
    expect(conditionOf(waiting, 'Ready')).toMatchObject({
      status: 'False',
      reason: 'ReadinessGatesNotReady',
      message: 'corresponding condition of pod readiness gate "e2e.example/fed" does not exist.',
    });
    const fed = { status: { conditions: [{ type: 'e2e.example/fed', status: 'True' }] } };
    await run('patch', 'pod', 'gate-keeper', '--subresource=status', '--patch', JSON.stringify(fed));
    await untilPod('gate-keeper', isReady, 'ready');
  });
});
