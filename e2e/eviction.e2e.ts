import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event, Node, Pod } from '../src/kinds/types.ts';
import { box, eventually } from './harness.ts';
import { shellPod } from './manifests.ts';
import { apply, getObject, isReady, remove, run, untilPod } from './pods.ts';

const DROP_IN = '/etc/quadshift/config.d/60-e2e-eviction.yaml';

/** Starts the server anew with these settings of eviction; `undefined` takes them back. */
async function configure(eviction: object | undefined): Promise<void> {
  const command = eviction === undefined ? 'rm -f "$0"' : 'mkdir -p "$(dirname "$0")"; cat > "$0"';
  await box.must(['sh', '-c', command, DROP_IN], { input: JSON.stringify({ eviction }) });
  await box.must(['systemctl', 'restart', 'quadshift.service']);
}

function container(script: string, resources: object = {}): object {
  return { name: 'main', image: 'localhost:5000/busybox:latest', command: ['sh', '-c', script], resources };
}

const evicted = (name: string): Promise<Pod> =>
  untilPod(name, ({ status }) => status?.phase === 'Failed' && status.reason === 'Evicted', 'evicted', 120_000);

const eventsOf = async (reason: string): Promise<readonly string[]> => {
  const { items } = await getObject<{ items: Event[] }>('events', '-A', '--field-selector', `reason=${reason}`);
  return items.map(({ message }) => message ?? '');
};

beforeAll(async () => {
  // It is looked at every half minute: beside the other case, which lets it be, as it keeps to its request of memory.
  const script = 'head -c 12000000 /dev/zero > /layer; head -c 12000000 /dev/zero > /scratch/file; exec sleep 1000';
  const writer = {
    ...container(script, {
      requests: { memory: '64Mi' },
      limits: { 'ephemeral-storage': '20M' },
    }),
    volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }],
  };
  await apply(
    shellPod('writer', '', {
      terminationGracePeriodSeconds: 0,
      containers: [writer],
      volumes: [{ name: 'scratch', emptyDir: {} }],
    }),
  );
});

afterAll(async () => {
  await configure(undefined);
  for (const pod of ['writer', 'hog', 'modest']) await remove('pod', pod);
});

describe('a machine that runs short', () => {
  it('takes the pod that uses most beyond its request, says why, and refuses others until it has room again', async () => {
    // In memory of its own: what awk holds.
    const hog = container('awk \'BEGIN { s = sprintf("%40000000s", ""); system("sleep 1000"); print length(s) }\'');
    await apply(shellPod('hog', '', { terminationGracePeriodSeconds: 600, containers: [hog] }));
    await apply(
      shellPod('modest', '', {
        terminationGracePeriodSeconds: 0,
        containers: [container('exec sleep 1000', { requests: { memory: '64Mi' } })],
      }),
    );
    await untilPod('modest', isReady, 'ready');
    await untilPod('hog', isReady, 'ready');
    await configure({ hard: { memoryAvailable: '4Ti' }, pressureTransitionSeconds: 0 });
    const { status } = await evicted('hog');
    await configure(undefined);
    expect(status?.message).toMatch(
      /^The node was low on resource: memory\. Threshold quantity: 4Ti, available: \S+\. Container main was using \S+, request is 0, has larger consumption of memory\. $/,
    );
    expect(status?.containerStatuses?.[0]?.state?.terminated).toBeDefined();
    expect(status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet' }),
    );
    await eventually(
      async () => {
        expect(await eventsOf('EvictionThresholdMet')).toContain('Attempting to reclaim memory');
        expect(await eventsOf('NodeHasInsufficientMemory')).not.toEqual([]);
      },
      { what: 'the Events' },
    );
    await eventually(
      async () => {
        const { items } = await getObject<{ items: Node[] }>('nodes');
        const [node] = items;
        const isCalm = node?.status?.conditions?.some((one) => one.type === 'MemoryPressure' && one.status === 'False');
        if (!isCalm || node?.spec?.taints !== undefined) throw new Error(JSON.stringify(node?.spec));
        return true;
      },
      { what: 'the node to have room again' },
    );
    const list = ['systemctl', 'list-units', '--all', '--plain', '--no-legend', 'qs-default_hog*'];
    await eventually(async () => expect(await box.must(list)).toBe(''), {
      what: 'the units of the evicted pod to be gone',
    });
  });
});

describe('a pod with a limit of ephemeral storage', () => {
  it('goes when its layer and its volumes have more', async () => {
    const { status } = await evicted('writer');
    expect(status?.message).toBe('Pod ephemeral local storage usage exceeds the total limit of containers 20M. ');
    const { items } = await getObject<{ items: Node[] }>('nodes');
    const name = items[0]?.metadata?.name ?? '';
    const summary = JSON.parse(await run('get', '--raw', `/api/v1/nodes/${name}/proxy/stats/summary`));
    expect(summary.node.fs).toMatchObject({ capacityBytes: expect.any(Number), inodes: expect.any(Number) });
  });
});
