import { afterEach, beforeEach, expect, test } from 'vitest';
import { catalogue } from '../kinds/catalogue.ts';
import { configMapKind } from '../kinds/config-map.ts';
import { namespaceKind } from '../kinds/namespace.ts';
import { podKind } from '../kinds/pod.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { createFakeRegistry, type FakeRegistry } from '../registry/fake-registry.ts';
import { createFakeClock } from './fake-clock.ts';
import { garbageCollection } from './garbage-collection.ts';
import { namespaceLifecycle } from './namespace-lifecycle.ts';
import { createResources } from './resources.ts';
import { type Runtime, startRuntime } from './runtime.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const namespace = 'shop';

let registry: FakeRegistry;
let runtime: Runtime;
let abort: AbortController;

beforeEach(async () => {
  const clock = createFakeClock();
  abort = new AbortController();
  registry = createFakeRegistry(catalogue, { clock: () => clock.now(), log: () => {} });
  const controllers = [
    garbageCollection({ registry }),
    namespaceLifecycle({ registry, resources: createResources(registry), clock }),
  ];
  runtime = startRuntime(controllers, { registry, clock, log: silent, signal: abort.signal });
  await registry.create(namespaceKind, { metadata: { name: namespace } });
});

afterEach(() => abort.abort());

const uidOf = (object: KubernetesObject | undefined) => object?.metadata?.uid ?? '';
const map = (name: string, more: object = {}) =>
  registry.create(configMapKind, { metadata: { name, ...more } }, { namespace });
const find = (name: string) => registry.find(configMapKind, { namespace, name })?.object;

test('a circle of owners that hold each other goes with the first of them', async () => {
  for (const name of ['a', 'b', 'c']) await map(name);
  const own = async (name: string, owner: string): Promise<void> => {
    const reference = { apiVersion: 'v1', kind: 'ConfigMap', name: owner, uid: uidOf(find(owner)) };
    await registry.modify(configMapKind, { namespace, name }, (object) => ({
      ...object,
      metadata: { ...object.metadata, ownerReferences: [{ ...reference, blockOwnerDeletion: true }] },
    }));
  };
  await own('a', 'c');
  await own('b', 'a');
  await own('c', 'b');
  await registry.delete(configMapKind, { namespace, name: 'a' }, { propagationPolicy: 'Foreground' });
  await runtime.idle();
  expect(['a', 'b', 'c'].map(find)).toEqual([undefined, undefined, undefined]);
});

test('a namespace keeps everything else until its last pod is gone', async () => {
  await map('used');
  const containers = [{ name: 'main', image: 'web' }];
  const metadata = { name: 'held', finalizers: ['example.com/held'] };
  await registry.create(podKind, { metadata, spec: { containers } }, { namespace });
  await registry.delete(namespaceKind, { namespace: '', name: namespace });
  await runtime.idle();
  const key = { namespace, name: 'held' };
  expect(registry.get(podKind, key).object.metadata?.deletionTimestamp).toBeDefined();
  expect(find('used')).toMatchObject({ metadata: { name: 'used' } });
  await registry.delete(podKind, key, { gracePeriodSeconds: 0 });
  await registry.modify(podKind, key, (pod) => ({ ...pod, metadata: { ...pod.metadata, finalizers: [] } }));
  await runtime.idle();
  expect([find('used'), registry.find(namespaceKind, { namespace: '', name: namespace })]).toEqual([
    undefined,
    undefined,
  ]);
});
