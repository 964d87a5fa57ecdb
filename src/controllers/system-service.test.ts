import { afterEach, beforeEach, expect, it } from 'vitest';
import { catalogue } from '../kinds/catalogue.ts';
import type { EndpointSlice, Service } from '../kinds/types.ts';
import type { ObjectKey } from '../machinery/object.ts';
import { createFakeRegistry, type FakeRegistry } from '../registry/fake-registry.ts';
import type { Log } from './controller.ts';
import { dnsServiceController } from './dns-service.ts';
import { createFakeClock } from './fake-clock.ts';
import { kubernetesServiceController } from './kubernetes-service.ts';
import { kindOf } from './resources.ts';
import { type Runtime, startRuntime } from './runtime.ts';

const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const network = { serviceCidr: '10.43.0.0/16', gateway: '10.42.0.1' };
const api: ObjectKey = { namespace: 'default', name: 'kubernetes' };
const dns: ObjectKey = { namespace: 'kube-system', name: 'kube-dns' };

let registry: FakeRegistry;
let runtime: Runtime;
let stop: AbortController;

const kind = (resource: string) => kindOf(registry, resource);
const service = (key: ObjectKey) => registry.find(kind('/services'), key)?.object as Service | undefined;
const slice = (key: ObjectKey) =>
  registry.find(kind('discovery.k8s.io/endpointslices'), key)?.object as EndpointSlice | undefined;

async function setAddresses(...addresses: readonly string[]): Promise<void> {
  const status = { addresses: addresses.map((address) => ({ type: 'InternalIP', address })) };
  const change = (node: object) => ({ ...node, status });
  await registry.modify(kind('/nodes'), { namespace: '', name: 'host' }, change, { subresource: 'status' });
  await runtime.idle();
}

beforeEach(async () => {
  registry = createFakeRegistry(catalogue);
  stop = new AbortController();
  const controllers = [
    kubernetesServiceController(registry, { ...network, apiPort: 6443, nodeName: 'host' }),
    dnsServiceController(registry, network),
  ];
  runtime = startRuntime(controllers, { registry, clock: createFakeClock(), log, signal: stop.signal });
  for (const name of ['default', 'kube-system']) await registry.create(kind('/namespaces'), { metadata: { name } });
  await registry.create(kind('/nodes'), { metadata: { name: 'host' } });
  await runtime.idle();
});

afterEach(() => stop.abort());

it('the API is known to pods at the first address of the range', () => {
  expect(service(api)?.spec).toMatchObject({
    clusterIP: '10.43.0.1',
    ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
  });
  expect(slice(api)?.endpoints).toMatchObject([{ addresses: ['10.42.0.1'] }]);
});

it('its endpoint follows the address of the host, whatever family comes first', async () => {
  await setAddresses('2001:db8::1', '192.0.2.10');
  expect(slice(api)?.endpoints).toMatchObject([{ addresses: ['192.0.2.10'] }]);
  await setAddresses();
  expect(slice(api)?.endpoints).toMatchObject([{ addresses: ['10.42.0.1'] }]);
});

it('the resolver is at its usual place', () => {
  expect(service(dns)?.spec).toMatchObject({ clusterIP: '10.43.0.10', ports: [{ name: 'dns' }, { name: 'dns-tcp' }] });
  expect(slice(dns)?.ports).toMatchObject([
    { port: 53, protocol: 'UDP' },
    { port: 53, protocol: 'TCP' },
  ]);
});

it('both come back when they are deleted, and ports that somebody changed', async () => {
  await registry.delete(kind('/services'), api);
  await registry.delete(kind('discovery.k8s.io/endpointslices'), dns);
  await runtime.idle();
  expect([service(api)?.spec?.clusterIP, slice(dns)?.endpoints?.length]).toEqual(['10.43.0.1', 1]);
  const bend = (object: object) => ({ ...object, spec: { ...(object as Service).spec, ports: [{ port: 1 }] } });
  await registry.modify(kind('/services'), api, bend);
  await runtime.idle();
  expect(service(api)?.spec?.ports).toMatchObject([{ port: 443 }]);
});
