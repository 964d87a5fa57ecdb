import { expect, test } from 'vitest';
import { createAggregator, type GetJson } from '../aggregator/create-aggregator.ts';
import { catalogue } from '../kinds/catalogue.ts';
import type { ApiService } from '../kinds/types.ts';
import { lookupOf } from '../registry/create-registry.ts';
import { createFakeRegistry } from '../registry/fake-registry.ts';
import { apiServiceAvailability } from './api-service-availability.ts';
import { createFakeClock } from './fake-clock.ts';

const NAME = 'v1.flowers.example.com';

async function house(getJson: GetJson) {
  const registry = createFakeRegistry(catalogue);
  const kind = (group: string, plural: string) => {
    const found = registry.definition(group, plural);
    if (found === undefined) throw new Error(plural);
    return found;
  };
  const aggregator = createAggregator({
    lookup: lookupOf(registry.store),
    random: () => 0,
    client: { certificate: 'certificate', key: 'key' },
    getJson,
  });
  const keeper = apiServiceAvailability({ registry, clock: createFakeClock(), check: aggregator.check });
  await registry.create(kind('', 'namespaces'), { metadata: { name: 'garden' } });
  const service = { namespace: 'garden', name: 'api', port: 7443 };
  await registry.create(kind('apiregistration.k8s.io', 'apiservices'), {
    metadata: { name: NAME },
    spec: { group: 'flowers.example.com', version: 'v1', groupPriorityMinimum: 1, versionPriority: 1, service },
  });
  const inGarden = { namespace: 'garden' };
  return {
    aggregator,
    serve: () =>
      registry.create(
        kind('', 'services'),
        { metadata: { name: 'api' }, spec: { ports: [{ port: 7443, targetPort: 443 }] } },
        inGarden,
      ),
    endpoint: () =>
      registry.create(
        kind('discovery.k8s.io', 'endpointslices'),
        {
          metadata: { name: 'api-1', labels: { 'kubernetes.io/service-name': 'api' } },
          addressType: 'IPv4',
          ports: [{ name: '', port: 443 }],
          endpoints: [{ addresses: ['10.42.0.9'], conditions: { ready: true } }],
        },
        inGarden,
      ),
    condition: async () => {
      await keeper.reconcile(NAME, new AbortController().signal);
      const { object } = registry.get(kind('apiregistration.k8s.io', 'apiservices'), { namespace: '', name: NAME });
      const [found] = (object as ApiService).status?.conditions ?? [];
      return `${found?.status} ${found?.reason}: ${found?.message}`;
    },
  };
}

test('an APIService tells what is missing on the way to its server', async () => {
  const { condition, serve, endpoint, aggregator } = await house(async () => ({ status: 503, body: '' }));
  expect(await condition()).toBe('False ServiceNotFound: service/api in "garden" is not present');
  await serve();
  expect(await condition()).toBe('False EndpointsNotFound: cannot find endpointslices for service/api in "garden"');
  await endpoint();
  const url = 'https://10.42.0.9:443/apis/flowers.example.com/v1';
  expect(await condition()).toBe(
    `False FailedDiscoveryCheck: failing or missing response from ${url}: bad status from ${url}: 503`,
  );
  expect(() => aggregator.locate('flowers.example.com', 'v1')).toThrow('service unavailable');
});

test('a server that answers is found, and what it serves is known', async () => {
  const resources = [{ name: 'roses', kind: 'Rose', verbs: ['get'], namespaced: true }];
  const { condition, serve, endpoint, aggregator } = await house(async () => ({
    status: 200,
    body: JSON.stringify({ kind: 'APIResourceList', resources }),
  }));
  await serve();
  await endpoint();
  expect(await condition()).toBe('True Passed: all checks passed');
  expect(aggregator.locate('flowers.example.com', 'v1')).toMatchObject({
    scheme: 'https',
    host: '10.42.0.9',
    port: 443,
    tls: { servername: 'api.garden.svc', cert: 'certificate', key: 'key', rejectUnauthorized: true },
  });
  expect(aggregator.locate('apps', 'v1')).toBeUndefined();
  expect(aggregator.versions()).toMatchObject([{ group: 'flowers.example.com', version: 'v1', resources }]);
});
