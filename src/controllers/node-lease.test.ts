import { afterEach, beforeEach, expect, it } from 'vitest';
import { catalogue } from '../kinds/catalogue.ts';
import { NODE_LEASES } from '../kinds/lease.ts';
import type { Lease } from '../kinds/types.ts';
import { createFakeRegistry, type FakeRegistry } from '../registry/fake-registry.ts';
import { createFakeClock } from './fake-clock.ts';
import { nodeLease } from './node-lease.ts';
import { createResources, kindOf, type Resources } from './resources.ts';
import { type Runtime, startRuntime } from './runtime.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const KEY = { namespace: NODE_LEASES, name: 'host' };
let resources: Resources;
let registry: FakeRegistry;
let runtime: Runtime;
let stop: AbortController;
let now: number;

const kind = () => kindOf(registry, 'coordination.k8s.io/leases');
const read = (): Lease => registry.get(kind(), KEY).object as Lease;

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1, 0, 0, 7);
  registry = createFakeRegistry(catalogue, { clock: () => now });
  resources = createResources(registry);
  stop = new AbortController();
  await resources.namespaces.create({ metadata: { name: NODE_LEASES } });
  await resources.nodes.create({ apiVersion: 'v1', kind: 'Node', metadata: { name: 'host' } });
  const controller = nodeLease({ resources, nodeName: 'host' });
  runtime = startRuntime([controller], { registry, clock: createFakeClock(), log, signal: stop.signal });
  await runtime.idle();
});
afterEach(() => stop.abort());

it("keeps the node's lease, which is renewed for whoever reads it and never written", async () => {
  const revision = registry.revision;
  expect(read()).toMatchObject({
    metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'host' }] },
    spec: { holderIdentity: 'host', leaseDurationSeconds: 40, renewTime: '2026-01-01T00:00:00.000000Z' },
  });
  now += 4_000;
  expect(read().spec?.renewTime).toBe('2026-01-01T00:00:10.000000Z');
  const [listed] = registry.list(kind(), {}).entries;
  expect(JSON.parse(listed?.json ?? '').spec.renewTime).toBe('2026-01-01T00:00:10.000000Z');
  const watch = registry.watch(kind(), {}, 0)[Symbol.asyncIterator]();
  const { value } = await watch.next();
  expect((value.entry.object as Lease).spec?.renewTime).toBe('2026-01-01T00:00:10.000000Z');
  await watch.return?.();
  expect(registry.revision).toBe(revision);
});

it('takes it back from whoever writes or deletes it', async () => {
  await resources.leases.modify({ metadata: KEY }, (lease) => ({
    ...lease,
    spec: { holderIdentity: 'other', renewTime: '2020-01-01T00:00:00.000000Z' },
  }));
  await runtime.idle();
  expect(read().spec).toMatchObject({ holderIdentity: 'host', renewTime: '2026-01-01T00:00:00.000000Z' });
  await resources.leases.delete({ metadata: KEY });
  await runtime.idle();
  expect(read().spec?.holderIdentity).toBe('host');
});

it('leaves the leases of others as they are', async () => {
  const spec = { holderIdentity: 'far', leaseDurationSeconds: 40, renewTime: '2020-01-01T00:00:00.000000Z' };
  await resources.leases.create({ metadata: { name: 'far', namespace: NODE_LEASES }, spec });
  await runtime.idle();
  expect((registry.get(kind(), { namespace: NODE_LEASES, name: 'far' }).object as Lease).spec).toEqual(spec);
});
