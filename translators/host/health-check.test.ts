import { expect, it } from 'vitest';
import type { EndpointSlice, Service } from '../../src/kinds/types.ts';
import { healthCheckPort, translateHealthCheck } from './health-check.ts';

const spec = { type: 'LoadBalancer', externalTrafficPolicy: 'Local', healthCheckNodePort: 30_999 };
const service = { metadata: { namespace: 'shop', name: 'web', uid: 'u1' }, spec } as Service;
const options = { stateFolder: '/var/lib/quadshift', nodeName: 'here' };

function slice(...endpoints: readonly object[]): EndpointSlice {
  return { addressType: 'IPv4', endpoints } as unknown as EndpointSlice;
}

const at = (address: string, nodeName = 'here', ready = true) => ({
  addresses: [address],
  nodeName,
  conditions: { ready },
});

function answerTo(...slices: readonly EndpointSlice[]): string {
  const { files } = translateHealthCheck(service, slices, options);
  return String(files.find(({ root }) => root === 'state')?.content);
}

it('is asked for by load balancers that keep to the node', () => {
  const ports = [service.spec, { ...spec, externalTrafficPolicy: 'Cluster' }, { ...spec, type: 'NodePort' }];
  expect(ports.map((each) => healthCheckPort({ spec: each } as Service))).toEqual([30_999, undefined, undefined]);
});

it('counts the addresses that are ready here', () => {
  const answer = answerTo(
    slice(at('10.42.0.5'), at('10.42.0.6', 'here', false), at('10.42.0.7', 'there')),
    slice(at('10.42.0.5')),
  );
  expect(answer.split('\r\n')[0]).toBe('# Kind=Service Namespace=shop Name=web UID=u1\nHTTP/1.1 200 OK');
  expect(answer).toContain('X-Load-Balancing-Endpoint-Weight: 1\r\n');
  expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toEqual({
    service: { namespace: 'shop', name: 'web' },
    localEndpoints: 1,
    serviceProxyHealthy: true,
  });
});

it('says that it is unavailable while nothing is ready here', () => {
  expect(answerTo(slice(at('10.42.0.7', 'there')))).toContain('\nHTTP/1.1 503 Service Unavailable\r\n');
});

it('is a socket and a service per connection, which start at boot', () => {
  const { files, links } = translateHealthCheck(service, [], options);
  const text = (path: string) => String(files.find((file) => file.path === path)?.content);
  expect(text('qs-_health_shop_web.socket')).toContain('[Socket]\nListenStream=30999\nAccept=yes\n');
  expect(text('qs-_health_shop_web@.service')).toContain(
    'ExecStart=-/usr/lib/quadshift/health-answer /var/lib/quadshift/net/health/shop_web\nStandardInput=socket\n',
  );
  expect(links).toEqual([
    { root: 'unit', path: 'sockets.target.wants/qs-_health_shop_web.socket', target: '../qs-_health_shop_web.socket' },
  ]);
});
