import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Listener } from '../host/listeners.ts';
import { catalogue } from '../kinds/catalogue.ts';
import type { EndpointSlice, Endpoints, Service } from '../kinds/types.ts';
import { createFakeRegistry, type FakeRegistry } from '../registry/fake-registry.ts';
import type { Log } from './controller.ts';
import { endpointSliceMirroringController } from './endpoint-slice-mirroring.ts';
import { endpointsOfServicesController } from './endpoints-of-services.ts';
import type { Happening } from './events.ts';
import { createFakeClock } from './fake-clock.ts';
import { kindOf } from './resources.ts';
import { type Runtime, startRuntime } from './runtime.ts';
import { serviceEndpointsController } from './service-endpoints.ts';
import { serviceLoadBalancerController } from './service-load-balancer.ts';

const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const ENDPOINTS = '/endpoints';
const SERVICES = '/services';

let registry: FakeRegistry;
let runtime: Runtime;
let stop: AbortController;
let listening: readonly Listener[];
let happenings: Happening[];

const kind = (resource: string) => kindOf(registry, resource);
const key = (name: string) => ({ namespace: 'default', name });
const service = (name: string) => registry.find(kind(SERVICES), key(name))?.object as Service | undefined;
const endpoints = (name: string) => registry.find(kind(ENDPOINTS), key(name))?.object as Endpoints | undefined;
const slices = () =>
  registry.list(kind('discovery.k8s.io/endpointslices'), {}).entries.map(({ object }) => object as EndpointSlice);

async function create(resource: string, name: string, body: object): Promise<void> {
  await registry.create(kind(resource), { ...body, metadata: { name, namespace: 'default', ...meta(body) } });
  await runtime.idle();
}

function meta(body: { readonly metadata?: object }): object {
  return body.metadata ?? {};
}

async function change(resource: string, name: string, patch: object, subresource?: string): Promise<void> {
  const merge = (object: object) => ({ ...object, ...patch });
  await registry.modify(kind(resource), key(name), merge, subresource ? { subresource } : {});
  await runtime.idle();
}

async function setNode(...addresses: readonly string[]): Promise<void> {
  const status = { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) };
  const merge = (node: object) => ({ ...node, status });
  await registry.modify(kind('/nodes'), { namespace: '', name: 'host' }, merge, { subresource: 'status' });
  await runtime.idle();
}

beforeEach(async () => {
  registry = createFakeRegistry(catalogue);
  stop = new AbortController();
  happenings = [];
  listening = [];
  const recorder = { record: (_: object, happening: Happening) => happenings.push(happening), flush: async () => {} };
  const controllers = [
    serviceEndpointsController(registry),
    endpointsOfServicesController(registry),
    endpointSliceMirroringController(registry, recorder),
    serviceLoadBalancerController({
      ...{ registry, recorder, nodeName: 'host', reservedPorts: ['6443/TCP'] },
      listeners: async () => listening,
    }),
  ];
  runtime = startRuntime(controllers, { registry, clock: createFakeClock(), log, signal: stop.signal });
  await registry.create(kind('/namespaces'), { metadata: { name: 'default' } });
  await registry.create(kind('/nodes'), { metadata: { name: 'host' } });
  await setNode('192.0.2.10');
});

afterEach(() => stop.abort());

const selecting = { metadata: { labels: { team: 'a' } }, spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } };
const bare = { spec: { ports: [{ port: 80 }] } };
const handMade = { subsets: [{ addresses: [{ ip: '203.0.113.5' }], ports: [{ name: 'http', port: 8080 }] }] };

describe('Endpoints of a Service with a selector', () => {
  it('are there at once with its labels, come back, and go with it', async () => {
    await create(SERVICES, 'web', selecting);
    const labels = { team: 'a', 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' };
    expect(endpoints('web')?.metadata?.labels).toMatchObject(labels);
    await change(ENDPOINTS, 'web', handMade);
    expect(endpoints('web')?.subsets).toBeUndefined();
    await registry.delete(kind(ENDPOINTS), key('web'));
    await runtime.idle();
    expect(endpoints('web')).toBeDefined();
    await registry.delete(kind(SERVICES), key('web'));
    await runtime.idle();
    expect([endpoints('web'), slices()]).toEqual([undefined, []]);
  });

  it('are nobody’s where there is no selector, and go with the Service all the same', async () => {
    await create(ENDPOINTS, 'lone', handMade);
    await create(SERVICES, 'bare', bare);
    await create(ENDPOINTS, 'bare', handMade);
    expect(endpoints('bare')?.subsets).toMatchObject(handMade.subsets);
    await registry.delete(kind(SERVICES), key('bare'));
    await runtime.idle();
    expect([endpoints('bare'), endpoints('lone')?.subsets?.length]).toEqual([undefined, 1]);
  });
});

describe('hand-made Endpoints', () => {
  it('are mirrored to a slice per family, which follows them', async () => {
    const both = { subsets: [{ ...handMade.subsets[0], notReadyAddresses: [{ ip: '2001:DB8::1' }] }] };
    await create(SERVICES, 'bare', bare);
    await create(ENDPOINTS, 'bare', both);
    const seen = () =>
      slices()
        .map(({ addressType, endpoints: list }) => [addressType, list?.[0]?.addresses[0], list?.[0]?.conditions?.ready])
        .sort();
    expect(seen()).toEqual([
      ['IPv4', '203.0.113.5', true],
      ['IPv6', '2001:db8::1', false],
    ]);
    expect(slices()[0]?.metadata?.labels).toMatchObject({
      'endpointslice.kubernetes.io/managed-by': 'endpointslicemirroring-controller.k8s.io',
      'kubernetes.io/service-name': 'bare',
    });
    const [name] = slices().map(({ metadata }) => metadata?.name);
    await change(ENDPOINTS, 'bare', { subsets: [{ ...handMade.subsets[0], addresses: [{ ip: '203.0.113.6' }] }] });
    expect(seen()).toEqual([['IPv4', '203.0.113.6', true]]);
    expect(slices()[0]?.metadata?.name).toBe(name);
    await registry.delete(kind(ENDPOINTS), key('bare'));
    await runtime.idle();
    expect(slices()).toEqual([]);
  });

  it('are left alone without a Service, with its selector, or when they say so', async () => {
    await create(ENDPOINTS, 'lone', handMade);
    await create(SERVICES, 'bare', bare);
    await create(ENDPOINTS, 'bare', {
      metadata: { labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' } },
      ...handMade,
    });
    expect(slices()).toEqual([]);
  });
});

describe('a load balancer', () => {
  const balancer = { spec: { type: 'LoadBalancer', ports: [{ port: 80 }] } };
  const ips = (name: string) => service(name)?.status?.loadBalancer?.ingress?.map(({ ip }) => ip);

  it('is the node, wherever that is', async () => {
    await create(SERVICES, 'lb', balancer);
    expect([ips('lb'), service('lb')?.metadata?.finalizers]).toEqual([
      ['192.0.2.10'],
      ['service.kubernetes.io/load-balancer-cleanup'],
    ]);
    await setNode('192.0.2.11', '2001:db8::1');
    expect(ips('lb')).toEqual(['192.0.2.11']);
  });

  it('leaves no trace when the type changes or the Service goes', async () => {
    await create(SERVICES, 'lb', balancer);
    await change(SERVICES, 'lb', { spec: { ports: [{ port: 80 }] } });
    expect([service('lb')?.status?.loadBalancer, service('lb')?.metadata?.finalizers ?? []]).toEqual([{}, []]);
    await change(SERVICES, 'lb', balancer);
    await registry.delete(kind(SERVICES), key('lb'));
    await runtime.idle();
    expect(service('lb')).toBeUndefined();
  });

  it('of another class is another’s', async () => {
    await create(SERVICES, 'lb', { spec: { ...balancer.spec, loadBalancerClass: 'example.com/balancer' } });
    const status = { loadBalancer: { ingress: [{ ip: '203.0.113.1' }] } };
    await change(SERVICES, 'lb', { status }, 'status');
    expect([service('lb')?.status?.loadBalancer?.ingress, service('lb')?.metadata?.finalizers]).toEqual([
      [{ ip: '203.0.113.1', ipMode: 'VIP' }],
      undefined,
    ]);
  });

  it('waits for a port that another one has, or the API, and says so', async () => {
    await create(SERVICES, 'first', balancer);
    await create(SERVICES, 'second', balancer);
    expect(ips('second')).toBeUndefined();
    expect(happenings.at(-1)).toMatchObject({
      reason: 'SyncLoadBalancerFailed',
      message: 'Error syncing load balancer: failed to ensure load balancer: ports are in use: 80/TCP',
    });
    await registry.delete(kind(SERVICES), key('first'));
    await runtime.idle();
    expect(ips('second')).toEqual(['192.0.2.10']);
    await create(SERVICES, 'api', { spec: { type: 'LoadBalancer', ports: [{ port: 6443 }] } });
    expect(ips('api')).toBeUndefined();
  });

  it('waits for a port that somebody on the host listens at, and keeps one that it had before', async () => {
    const at = (address: string, port: number): Listener => ({ protocol: 'TCP', address, port });
    const wanting = (port: number) => ({ spec: { type: 'LoadBalancer', ports: [{ port }] } });
    listening = [at('0.0.0.0', 22), at('192.0.2.10', 25), at('127.0.0.1', 5432), at('198.51.100.1', 110)];
    for (const port of [22, 25, 5432, 110]) await create(SERVICES, `at-${port}`, wanting(port));
    expect([22, 25, 5432, 110].filter((port) => ips(`at-${port}`))).toEqual([5432, 110]);
    listening = [at('0:0:0:0:0:0:0:0', 5432)];
    await setNode('192.0.2.11');
    expect(ips('at-5432')).toEqual(['192.0.2.11']);
    expect(ips('at-22')).toEqual(['192.0.2.11']);
  });
});
