import { beforeEach, expect, it } from 'vitest';
import { createFakePodman, type FakePodman } from '../../host/fake-podman.ts';
import { catalogue } from '../../kinds/catalogue.ts';
import { createFakeRegistry } from '../../registry/fake-registry.ts';
import { createFakeClock, type FakeClock } from '../fake-clock.ts';
import { formatSize, notEnough } from '../image-collection.ts';
import { createResources, type Resources } from '../resources.ts';
import { createImageCollector, type ImageCollector } from './image-collector.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const FULL = { totalBytes: 10_000_000, availableBytes: 1_000_000, totalInodes: 0, freeInodes: 0 };
let resources: Resources;
let podman: FakePodman;
let clock: FakeClock;
let collector: ImageCollector;
let ours: Set<string>;

const pull = (reference: string): void => void ours.add(podman.addImage(reference).id);
const left = async (): Promise<readonly string[]> => (await podman.listImages()).flatMap(({ repoTags }) => repoTags);
const podOf = (name: string, image: string) => ({
  metadata: { name, namespace: 'shop' },
  spec: { nodeName: 'host', containers: [{ name: 'm', image }] },
});

beforeEach(async () => {
  resources = createResources(createFakeRegistry(catalogue));
  clock = createFakeClock();
  podman = createFakePodman({ now: () => clock.now() });
  ours = new Set();
  await resources.namespaces.create({ metadata: { name: 'shop' } });
  collector = createImageCollector({
    ...{ resources, podman, clock, log },
    policy: { highPercent: 85, lowPercent: 80, minimumAgeMs: 120_000 },
    pulled: {
      all: async () => [...ours],
      add: async (id) => void ours.add(id),
      delete: async (ids) => {
        for (const id of ids) ours.delete(id);
      },
    },
  });
});

it('removes what was pulled for pods and is not used any more, once it is old enough; never what others pulled', async () => {
  podman.addImage('somebody/elses:1');
  for (const name of ['a:1', 'b:1', 'c:1', 'volume:1']) pull(name);
  const running = podOf('uses-a', 'a:1');
  await resources.pods.create({
    ...running,
    spec: { ...running.spec, volumes: [{ name: 'v', image: { reference: 'volume:1' } }] },
  });
  podman.setContainer({ name: 'by-hand', imageId: (await podman.inspectImage('b:1'))?.id ?? '' });
  await collector.collectAll();
  expect(await left()).toContain('c:1');
  clock.advance(120_000);
  await collector.collectAll();
  expect(await left()).toEqual(['somebody/elses:1', 'a:1', 'b:1', 'volume:1']);
});

it('frees no more than the disk needs, the longest unused first', async () => {
  for (const name of ['old:1', 'new:1']) pull(name);
  const pod = await resources.pods.create(podOf('p', 'new:1'));
  collector.note();
  await collector.collect(FULL);
  clock.advance(600_000);
  collector.note();
  await resources.pods.delete(pod, { gracePeriodSeconds: 0 });
  expect(await collector.collect({ ...FULL, availableBytes: 2_000_000 })).toBeUndefined();
  expect(await collector.collect({ ...FULL, availableBytes: 1_400_000 })).toEqual({
    wantedBytes: 600_000,
    freedBytes: 1_000_000,
  });
  expect(await left()).toEqual(['new:1']);
});

it('keeps the images of schedules: a timer may need them while nobody can pull', async () => {
  pull('nightly:1');
  const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'm', image: 'nightly:1' }] } };
  await resources.cronJobs.create({
    metadata: { name: 'nightly', namespace: 'shop' },
    spec: { schedule: '0 3 * * *', jobTemplate: { spec: { template } } },
  } as never);
  await collector.collectAll();
  clock.advance(600_000);
  await collector.collectAll();
  expect(await left()).toEqual(['nightly:1']);
});

it('takes away dead containers of pods that are gone, and no others', async () => {
  const labels = { 'io.kubernetes.pod.uid': 'gone' };
  podman.setContainer({ name: 'dead', state: 'exited', labels });
  podman.setContainer({ name: 'alive', labels });
  podman.setContainer({ name: 'foreign', state: 'exited' });
  await collector.collectAll();
  expect(podman.calls).toEqual(['rm dead']);
});

it("says in the kubelet's words that images alone don't make the room", () => {
  expect(notEnough({ ...FULL, totalBytes: 20 * 2 ** 30, availableBytes: 2 ** 30 }, 17)).toBe(
    "Insufficient free disk space on the node's image filesystem (95% of 20.0 GiB used). " +
      'Failed to free sufficient space by deleting unused images (freed 17 bytes). ' +
      'Investigate disk usage, as it could be used by active images, logs, volumes, or other data.',
  );
  expect([512, 1536, 3 * 2 ** 40].map(formatSize)).toEqual(['512 B', '1.5 KiB', '3.0 TiB']);
});
