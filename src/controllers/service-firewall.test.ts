import { beforeEach, expect, it } from 'vitest';
import type { NftMemory } from '../host/nft.ts';
import { catalogue } from '../kinds/catalogue.ts';
import { createFakeRegistry, type FakeRegistry } from '../registry/fake-registry.ts';
import { kindOf } from './resources.ts';
import { serviceFirewallController } from './service-firewall.ts';

let registry: FakeRegistry;
let done: string[];
let refuses: boolean;
let forgotten: unknown[];
let memories: readonly NftMemory[];
let loaded: string;
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function controller() {
  const note = (what: string) => async (script: string) => {
    if (what === 'load') loaded = script;
    done.push(`${what} ${script.includes('delete table') ? 'table' : 'change'}`);
    if (what === 'load' && refuses) throw new Error('refused');
  };
  const one = serviceFirewallController({
    nft: { load: note('load'), check: note('check'), memories: async () => memories },
    conntrack: { forget: async (flows) => void forgotten.push(...flows.map((flow) => flow.target?.address)) },
    persist: note('persist'),
    activate: async () => done.push('activate'),
    serviceCidrs: ['10.43.0.0/16'],
    podCidrs: ['10.42.0.0/16'],
    nodeName: 'node',
    log: silent,
  });
  for (const input of one.inputs) {
    registry.subscribe(kindOf(registry, input.resource), (events) => {
      for (const event of events) input.keys(event);
    });
  }
  return one;
}

const reconcile = (one: ReturnType<typeof controller>) => one.reconcile('ruleset', new AbortController().signal);

async function addService(name: string, more = {}): Promise<void> {
  const object = { metadata: { name, namespace: 'default' }, spec: { ports: [{ port: 80, ...more }] } };
  await registry.create(kindOf(registry, '/services'), object);
}

beforeEach(async () => {
  done = [];
  forgotten = [];
  memories = [];
  refuses = false;
  registry = createFakeRegistry(catalogue);
  await registry.create(kindOf(registry, '/namespaces'), { metadata: { name: 'default' } });
});

it('replaces the table when it starts, and writes changes from then on', async () => {
  const one = controller();
  await reconcile(one);
  expect(done.splice(0)).toEqual(['check table', 'persist table', 'activate', 'load table']);
  await reconcile(one);
  expect(done).toEqual([]);
  await addService('web');
  await reconcile(one);
  expect(done).toEqual(['persist table', 'load change']);
});

it('puts the file back when a change is refused, and replaces the table then', async () => {
  const one = controller();
  await reconcile(one);
  await addService('web');
  done = [];
  refuses = true;
  await expect(reconcile(one)).rejects.toThrow('refused');
  expect(done.splice(0)).toEqual(['persist table', 'load change', 'persist table']);
  refuses = false;
  await reconcile(one);
  expect(done).toEqual(['check table', 'persist table', 'activate', 'load table']);
});

it('leaves clients with the endpoints that they were promised before it started', async () => {
  const [before, after] = [controller(), controller()];
  const services = kindOf(registry, '/services');
  await registry.create(services, {
    metadata: { name: 'kept', namespace: 'default' },
    spec: {
      clusterIP: '10.43.0.7',
      clusterIPs: ['10.43.0.7'],
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 100 } },
      ports: [{ port: 80 }],
    },
  });
  await registry.create(kindOf(registry, 'discovery.k8s.io/endpointslices'), {
    metadata: { name: 'kept-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kept' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.42.0.9'], conditions: { ready: true } }],
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
  });
  const elements = [{ key: '192.0.2.1', secondsLeft: 77 }];
  await reconcile(before);
  const [, set = ''] = /set (affinity-\S+) \{/.exec(loaded) ?? [];
  expect(set).toContain('10.42.0.9');
  memories = [
    { set, elements },
    { set: 'affinity-of-nobody', elements },
  ];
  await reconcile(after);
  expect(loaded.trim().split('\n').at(-1)).toBe(`add element inet quadshift ${set} { 192.0.2.1 expires 77s }`);
  expect(loaded).not.toContain('affinity-of-nobody');
});

it('makes the kernel forget UDP flows to an endpoint that is gone', async () => {
  const one = controller();
  await addService('names', { port: 53, protocol: 'UDP' });
  const slices = kindOf(registry, 'discovery.k8s.io/endpointslices');
  const slice = await registry.create(slices, {
    metadata: { name: 'names-1', namespace: 'default', labels: { 'kubernetes.io/service-name': 'names' } },
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.42.0.9'] }],
    ports: [{ name: '', port: 53, protocol: 'UDP' }],
  } as object);
  await reconcile(one);
  expect(forgotten).toEqual([]);
  await registry.delete(slices, { namespace: 'default', name: 'names-1' });
  await reconcile(one);
  expect([slice.entry.object.metadata?.name, forgotten]).toEqual(['names-1', ['10.42.0.9']]);
});
