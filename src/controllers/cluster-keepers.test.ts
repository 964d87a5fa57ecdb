import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { catalogue } from '../kinds/catalogue.ts';
import type { PersistentVolumeClaim, Pod, ResourceQuota } from '../kinds/types.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { createFakeRegistry, type FakeRegistry } from '../registry/fake-registry.ts';
import { builtInObjectsKeeper } from './built-in-objects.ts';
import { createFakeClock } from './fake-clock.ts';
import { resourceQuotaUsage } from './resource-quota-usage.ts';
import { kindOf } from './resources.ts';
import { type Runtime, startRuntime } from './runtime.ts';
import { isVolumeFree, storageProtection } from './storage-protection.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const now = () => '2026-01-01T00:00:00Z';

let registry: FakeRegistry;
let runtime: Runtime;
let stop: AbortController;

beforeEach(async () => {
  registry = createFakeRegistry(catalogue);
  await registry.create(kindOf(registry, '/namespaces'), { metadata: { name: 'shop' } });
  stop = new AbortController();
  const controllers = [
    resourceQuotaUsage({ registry }),
    storageProtection({ registry }),
    builtInObjectsKeeper({ registry, serviceCidrs: ['10.43.0.0/16'], now }),
  ];
  runtime = startRuntime(controllers, { registry, clock: createFakeClock(), log, signal: stop.signal });
  await runtime.idle();
});

afterEach(() => stop.abort());

async function create<T extends KubernetesObject>(resource: string, object: object): Promise<T> {
  const { entry } = await registry.create(kindOf(registry, resource), object, { namespace: 'shop' });
  await runtime.idle();
  return entry.object as T;
}

function find<T extends KubernetesObject>(resource: string, name: string, namespace = 'shop'): T | undefined {
  return registry.find(kindOf(registry, resource), { namespace, name })?.object as T | undefined;
}

async function remove(resource: string, name: string): Promise<void> {
  await registry.delete(kindOf(registry, resource), { namespace: 'shop', name }, { gracePeriodSeconds: 0 });
  await runtime.idle();
}

const pod = (name: string, spec: object = {}) => ({
  metadata: { name },
  spec: { containers: [{ name: 'main', image: 'i', resources: { requests: { cpu: '250m' } } }], ...spec },
});

describe('the status of a ResourceQuota', () => {
  const status = () => find<ResourceQuota>('/resourcequotas', 'q')?.status;

  it('says what is used, and follows it', async () => {
    const hard = { pods: '10', 'requests.cpu': '2', configmaps: '5', 'count/jobs.batch': '1' };
    await create('/resourcequotas', { metadata: { name: 'q' }, spec: { hard } });
    expect(status()).toEqual({
      hard,
      used: { pods: '0', 'requests.cpu': '0', configmaps: '0', 'count/jobs.batch': '0' },
    });
    await create('/pods', pod('a'));
    await create('/pods', pod('b'));
    await create('/configmaps', { metadata: { name: 'c' } });
    expect(status()?.used).toMatchObject({ pods: '2', 'requests.cpu': '500m', configmaps: '1' });
    await remove('/pods', 'a');
    expect(status()?.used).toMatchObject({ pods: '1', 'requests.cpu': '250m' });
  });

  it('no longer counts what a pod that has ended requested', async () => {
    await create('/resourcequotas', { metadata: { name: 'q' }, spec: { hard: { pods: '1', 'count/pods': '9' } } });
    const made = await create<Pod>('/pods', pod('a'));
    const ended = { ...made, status: { phase: 'Succeeded' } };
    await registry.update(kindOf(registry, '/pods'), { namespace: 'shop', name: 'a' }, ended, {
      subresource: 'status',
    });
    await runtime.idle();
    expect(status()?.used).toEqual({ pods: '0', 'count/pods': '1' });
  });
});

describe('a claim that is deleted', () => {
  const claim = {
    metadata: { name: 'data' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  };
  const volumes = [{ name: 'v', persistentVolumeClaim: { claimName: 'data' } }];

  it('goes at once when nobody uses it', async () => {
    await create('/persistentvolumeclaims', claim);
    await remove('/persistentvolumeclaims', 'data');
    expect(find('/persistentvolumeclaims', 'data')).toBeUndefined();
  });

  it('waits for the pods that use it', async () => {
    await create('/persistentvolumeclaims', claim);
    await create('/pods', pod('a', { volumes }));
    await remove('/persistentvolumeclaims', 'data');
    expect(find<PersistentVolumeClaim>('/persistentvolumeclaims', 'data')?.metadata?.deletionTimestamp).toBeDefined();
    await remove('/pods', 'a');
    expect(find('/persistentvolumeclaims', 'data')).toBeUndefined();
  });
});

it('a bound volume is not free, any other is', () => {
  const volume = (phase: string) => ({ status: { phase } }) as Parameters<typeof isVolumeFree>[0];
  expect([isVolumeFree(volume('Bound')), isVolumeFree(volume('Released'))]).toEqual([false, true]);
});

describe('what every cluster has', () => {
  it('is there', () => {
    expect(find('scheduling.k8s.io/priorityclasses', 'system-node-critical', '')).toMatchObject({
      value: 2_000_001_000,
    });
    expect(find('networking.k8s.io/servicecidrs', 'kubernetes', '')).toMatchObject({
      spec: { cidrs: ['10.43.0.0/16'] },
      status: { conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: now() }] },
    });
    expect(find('flowcontrol.apiserver.k8s.io/flowschemas', 'catch-all', '')).toBeDefined();
    const services = registry.list(kindOf(registry, 'apiregistration.k8s.io/apiservices'), {}).entries;
    const columns = kindOf(registry, 'apiregistration.k8s.io/apiservices').columns;
    const shown = services.map(({ object }) => columns.slice(0, 3).map((column) => column.cell(object, 0)));
    expect(shown).toContainEqual(['v1.apps', 'Local', 'True']);
    expect(shown).toContainEqual(['v1.', 'Local', 'True']);
  });

  it('comes back when somebody deletes it, and is not written again otherwise', async () => {
    const before = registry.revision;
    runtime.enqueue('built-in-objects', 'scheduling.k8s.io/priorityclasses system-node-critical');
    runtime.enqueue('built-in-objects', 'networking.k8s.io/servicecidrs kubernetes');
    await runtime.idle();
    expect(registry.revision).toBe(before);
    const kind = kindOf(registry, 'scheduling.k8s.io/priorityclasses');
    await registry.delete(kind, { namespace: '', name: 'system-node-critical' });
    await runtime.idle();
    expect(find('scheduling.k8s.io/priorityclasses', 'system-node-critical', '')).toBeDefined();
  });
});
