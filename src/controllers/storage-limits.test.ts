import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFakeServiceManager } from '../../systemd/fake-service-manager.ts';
import { catalogue } from '../kinds/catalogue.ts';
import type { Pod } from '../kinds/types.ts';
import { createFakeRegistry } from '../registry/fake-registry.ts';
import { createEventRecorder } from './events.ts';
import { createEvictionBoard, type EvictionBoard } from './eviction/boards.ts';
import { type DiskLoad, diskLimits, exceededLimit } from './eviction/storage-limits.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { uidOf } from './meta.ts';
import { createResources, type Resources } from './resources.ts';
import { type Runtime, startRuntime } from './runtime.ts';
import { storageLimits } from './storage-limits.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
let resources: Resources;
let runtime: Runtime;
let clock: FakeClock;
let evictions: EvictionBoard;
let stop: AbortController;
let used: number;

const pod = (emptyDir: object, limits: readonly { readonly [name: string]: string }[] = [{}]): Pod => ({
  metadata: { name: 'p', namespace: 'shop' },
  spec: {
    nodeName: 'host',
    containers: limits.map((one, index) => ({ name: `c${index}`, image: 'i', resources: { limits: one } })),
    volumes: [{ name: 'scratch', emptyDir }],
  },
});

beforeEach(async () => {
  const registry = createFakeRegistry(catalogue);
  resources = createResources(registry);
  clock = createFakeClock();
  stop = new AbortController();
  used = 0;
  await resources.namespaces.create({ metadata: { name: 'shop' } });
  const recorder = createEventRecorder({ events: resources.events, clock, log, host: 'host' });
  evictions = createEvictionBoard();
  const controller = storageLimits({
    ...{ resources, recorder, clock, log, evictions, nodeName: 'host' },
    serviceManager: createFakeServiceManager({ now: () => 0 }),
    disks: { volumes: async () => [{ name: 'scratch', bytes: used, inodes: 1 }], containers: async () => [] },
  });
  runtime = startRuntime([controller], { registry, clock, log, signal: stop.signal });
});
afterEach(() => stop.abort());

it('evicts a pod whose scratch space outgrows its limit, and looks again until then', async () => {
  const { metadata } = await resources.pods.create(pod({ sizeLimit: '1Mi' }));
  await runtime.idle();
  expect(evictions.get(uidOf({ metadata } as Pod))).toBeUndefined();
  used = 2 ** 20 + 1;
  clock.advance(30_000);
  await runtime.idle();
  const message = 'Usage of EmptyDir volume "scratch" exceeds the limit "1Mi". ';
  expect(evictions.get(uidOf({ metadata } as Pod))).toEqual({ message, isDisruption: false, since: clock.elapsed() });
});

it('leaves volumes in memory and those without a limit alone', () => {
  expect([{}, { sizeLimit: '0' }, { medium: 'Memory', sizeLimit: '1Mi' }].flatMap((e) => diskLimits(pod(e)))).toEqual(
    [],
  );
});

it('holds pods and containers to their ephemeral storage, layers, logs and volumes counted', () => {
  const of = (...sizes: readonly number[]): DiskLoad => ({
    volumes: [{ name: 'scratch', bytes: 100, inodes: 1 }],
    containers: sizes.map((bytes, index) => ({ name: `c${index}`, layerBytes: bytes - 1, logBytes: 1 })),
  });
  const limited = pod({}, [{ 'ephemeral-storage': '1k' }, { 'ephemeral-storage': '2k' }]);
  const said = [of(900, 2000), of(901, 2000), of(1001, 10), of(10, 1500)].map((load) => exceededLimit(limited, load));
  expect(said).toEqual([
    undefined,
    'Pod ephemeral local storage usage exceeds the total limit of containers 3k. ',
    'Container c0 exceeded its local ephemeral storage limit "1k". ',
    undefined,
  ]);
  expect(exceededLimit(pod({}), of(1e9))).toBeUndefined();
});
