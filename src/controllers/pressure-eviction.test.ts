import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFakeServiceManager } from '../../systemd/fake-service-manager.ts';
import { createFakePodman } from '../host/fake-podman.ts';
import type { HostPressure } from '../host/pressure.ts';
import type { Pod } from '../kinds/types.ts';
import { parseThresholds } from './eviction/thresholds.ts';
import { createFakeHouse } from './fake-house.ts';
import { nameOf } from './meta.ts';
import { isPodReady } from './workloads/pod-facts.ts';

const MI = 2 ** 20;
const disk = { totalBytes: 1000 * MI, availableBytes: 500 * MI, totalInodes: 1000, freeInodes: 500 };
const calm: HostPressure = {
  memory: { totalBytes: 4096 * MI, availableBytes: 2048 * MI, swapTotalBytes: 0 },
  ...{ nodeDisk: disk, imageDisk: disk, isOneDisk: true, pids: { used: 1, max: 100 } },
};
const noMemory = { ...calm, memory: { ...calm.memory, availableBytes: 50 * MI } };
const noDisk = { ...calm, nodeDisk: { ...disk, availableBytes: MI } };

let read: () => HostPressure;
let house: ReturnType<typeof makeHouse>;
const pulled = new Set<string>();

function makeHouse() {
  return createFakeHouse({
    serviceManager: (now) => createFakeServiceManager({ now }),
    podman: (now) => createFakePodman({ now }),
  });
}

const find = (name: string): Pod | undefined => house.resources.pods.find('default', name);
const isReady = (name: string) => () => {
  const found = find(name);
  return found !== undefined && isPodReady(found);
};
const condition = (type: string) =>
  house.resources.nodes.find('', 'host')?.status?.conditions?.find((one) => one.type === type);
const eventsAbout = (name: string): readonly string[] =>
  house.resources.events
    .list()
    .filter(({ involvedObject }) => involvedObject.name === name)
    .map(({ reason, message }) => `${reason}: ${message}`);

async function run(name: string, spec: object = {}): Promise<void> {
  const containers = [{ name: 'app', image: 'localhost/hello:1' }];
  await house.resources.pods.create({ metadata: { name, namespace: 'default' }, spec: { containers, ...spec } } as Pod);
  await house.until(isReady(name), `${name} is ready`);
}

beforeEach(async () => {
  house = makeHouse();
  house.podman.addImage('localhost/hello:1');
  read = () => calm;
  pulled.clear();
  house.start({
    pressure: {
      read: async () => read(),
      policy: {
        thresholds: parseThresholds({
          hard: { 'memory.available': '100Mi', 'nodefs.available': '10%' },
          ...{ soft: {}, softGraceSeconds: {}, minimumReclaim: {} },
        }),
        ...{ transitionMs: 60_000, maxPodGraceSeconds: 0 },
      },
      podMemory: async (pods) =>
        new Map(
          pods.map((pod) => [
            pod,
            [{ name: 'app', memoryBytes: nameOf(pod).length * MI, usageBytes: 0, processes: 1 }],
          ]),
        ),
    },
    images: {
      pulled: {
        all: async () => [...pulled],
        add: async (id) => void pulled.add(id),
        delete: async (ids) => {
          for (const id of ids) pulled.delete(id);
        },
      },
      policy: { highPercent: 85, lowPercent: 80, minimumAgeMs: 0 },
    },
  });
  const isUp = (): boolean => house.resources.serviceAccounts.find('default', 'default') !== undefined;
  await house.until(() => isUp() && condition('Ready') !== undefined, 'booted');
});
afterEach(() => house.stop());

it('evicts one pod after the other until there is memory again, and tells it as the kubelet does', async () => {
  await run('small');
  await run('much-larger');
  read = () => noMemory;
  await house.until(() => find('much-larger')?.status?.phase === 'Failed', 'evicted');
  read = () => calm;
  await house.until(() => house.unitDirectory.owners.size === 1, 'its units are gone');
  const message =
    'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. ' +
    'Container app was using 11Mi, request is 0, has larger consumption of memory. ';
  expect(find('much-larger')?.status).toMatchObject({
    ...{ phase: 'Failed', reason: 'Evicted', message },
    conditions: expect.arrayContaining([
      expect.objectContaining({ type: 'DisruptionTarget', status: 'True', reason: 'TerminationByKubelet', message }),
    ]),
    containerStatuses: [{ state: { terminated: expect.anything() } }],
  });
  expect(isReady('small')()).toBe(true);
  expect(eventsAbout('much-larger')).toContain(`Evicted: ${message}`);
  expect(eventsAbout('host')).toEqual(
    expect.arrayContaining([
      'EvictionThresholdMet: Attempting to reclaim memory',
      'NodeHasInsufficientMemory: Node host status is now: NodeHasInsufficientMemory',
    ]),
  );
});

it('spares pods that the node cannot do without', async () => {
  await run('critical', { priorityClassName: 'system-node-critical' });
  await run('x');
  read = () => noMemory;
  await house.until(() => find('x')?.status?.phase === 'Failed', 'the other one is evicted');
  await house.until(() => eventsAbout('host').length > 3, 'a further look');
  expect(isReady('critical')()).toBe(true);
});

it('refuses pods while the node is short, taints it, and takes both back after the transition period', async () => {
  read = () => noMemory;
  const taints = () => house.resources.nodes.find('', 'host')?.spec?.taints?.map(({ key }) => key);
  await house.until(() => taints()?.includes('node.kubernetes.io/memory-pressure') === true, 'tainted', 100);
  await house.resources.pods.create({
    metadata: { name: 'bound', namespace: 'default' },
    spec: { nodeName: 'host', containers: [{ name: 'app', image: 'localhost/hello:1' }] },
  });
  await house.until(() => find('bound')?.status?.phase === 'Failed', 'refused');
  expect(find('bound')?.status).toMatchObject({
    reason: 'Evicted',
    message: 'Pod was rejected: The node had condition: [MemoryPressure]. ',
  });
  read = () => calm;
  await house.until(() => taints() === undefined, 'calm again', 100);
  expect(condition('MemoryPressure')).toMatchObject({ status: 'False', reason: 'KubeletHasSufficientMemory' });
});

it('removes unused images before it evicts for want of space', async () => {
  await run('web');
  const { id } = house.podman.addImage('unused:1');
  pulled.add(id);
  const isFreed = (): boolean => house.podman.calls.includes('rmi unused:1');
  read = () => (isFreed() ? calm : noDisk);
  await house.until(isFreed, 'the image is gone');
  await house.settle();
  expect(isReady('web')()).toBe(true);
  expect(eventsAbout('host')).toContain('EvictionThresholdMet: Attempting to reclaim ephemeral-storage');
});
