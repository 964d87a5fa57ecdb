import { afterEach, beforeEach, expect, it } from 'vitest';
import { catalogue } from '../kinds/catalogue.ts';
import type { Pod } from '../kinds/types.ts';
import { createFakeRegistry } from '../registry/fake-registry.ts';
import { diskLimits, emptyDirLimits } from './empty-dir-limits.ts';
import { createEventRecorder } from './events.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';
import { createResources, type Resources } from './resources.ts';
import { type Runtime, startRuntime } from './runtime.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
let resources: Resources;
let runtime: Runtime;
let clock: FakeClock;
let stop: AbortController;
let used: number;

const pod = (emptyDir: object): Pod => ({
  metadata: { name: 'p', namespace: 'shop' },
  spec: { nodeName: 'host', containers: [{ name: 'm', image: 'i' }], volumes: [{ name: 'scratch', emptyDir }] },
});

beforeEach(async () => {
  const registry = createFakeRegistry(catalogue);
  resources = createResources(registry);
  clock = createFakeClock();
  stop = new AbortController();
  used = 0;
  await resources.namespaces.create({ metadata: { name: 'shop' } });
  const recorder = createEventRecorder({ events: resources.events, clock, log, host: 'host' });
  const controller = emptyDirLimits({ resources, recorder, nodeName: 'host', emptyDirUsage: async () => used });
  runtime = startRuntime([controller], { registry, clock, log, signal: stop.signal });
});
afterEach(() => stop.abort());

it('evicts a pod whose scratch space outgrows its limit, and looks again until then', async () => {
  await resources.pods.create(pod({ sizeLimit: '1Mi' }));
  await runtime.idle();
  expect(resources.pods.find('shop', 'p')?.status?.phase).toBe('Pending');
  used = 2 ** 20 + 1;
  clock.advance(30_000);
  await runtime.idle();
  expect(resources.pods.find('shop', 'p')?.status).toMatchObject({
    phase: 'Failed',
    reason: 'Evicted',
    message: 'Usage of EmptyDir volume "scratch" exceeds the limit "1Mi". ',
  });
});

it('leaves volumes in memory and those without a limit alone', () => {
  expect([{}, { sizeLimit: '0' }, { medium: 'Memory', sizeLimit: '1Mi' }].flatMap((e) => diskLimits(pod(e)))).toEqual(
    [],
  );
});
