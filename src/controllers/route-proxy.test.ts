import { beforeEach, describe, expect, it } from 'vitest';
import type { ProxyFiles } from '../../translators/host/proxy.ts';
import { catalogue } from '../kinds/catalogue.ts';
import type { Route } from '../kinds/openshift/route-types.ts';
import type { Ingress } from '../kinds/types.ts';
import { fnv1a } from '../machinery/deep.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { createFakeRegistry, type FakeRegistry } from '../registry/fake-registry.ts';
import type { Controller } from './controller.ts';
import { createFakeClock } from './fake-clock.ts';
import { kindOf } from './resources.ts';
import { soundSites } from './route-proxy/sound-sites.ts';
import { routeProxyController } from './route-proxy.ts';

let registry: FakeRegistry;
let written: ProxyFiles | undefined;
let done: string[];
let said: string[];
let isRunning: boolean;
let isDown: boolean;
/** The running router takes no single change. */
let isStubborn: boolean;
/** HAProxy takes everything but this. */
let poison: string;
/** Why Secrets must not be shown. */
let withdrawn: string | undefined;

function controller(): Controller {
  return routeProxyController(registry, {
    haproxy: {
      check: async ({ config }) => (poison !== '' && config.includes(poison) ? 'line 7 is poison' : undefined),
      change: async (changes) => {
        if (isStubborn) throw new Error('No such backend.');
        done.push(...changes.map(({ type, backend, name }) => `${type} ${backend}/${name}`));
      },
      reload: async () => {
        if (isDown) throw new Error('down');
        done.push('reload');
      },
    },
    folder: {
      write: async (files) => {
        const pending = isDown || written?.config !== files.config;
        written = files;
        return pending;
      },
      tidy: async () => void done.push('tidy'),
    },
    serviceManager: {
      get: async () => ({ activeState: isRunning ? 'active' : 'inactive' }) as never,
      start: async (unit) => {
        done.push(`start ${unit}`);
        isRunning = true;
        return 'done';
      },
    },
    inspect: () => ({ pair: () => undefined, livePair: () => undefined, authorities: () => undefined }),
    forbidden: () => withdrawn,
    digest: (text) => fnv1a(text).toString(16),
    certificate: async () => ({ pair: 'own', authority: 'own' }),
    ...{ ipv6: false, domain: 'apps.test', nodeName: 'node', clock: createFakeClock(), log: { info: () => {} } },
    recorder: { record: (_, { message }) => void said.push(message), flush: async () => undefined },
  });
}

async function reconcile(one: Controller): Promise<readonly string[]> {
  await one.reconcile('router', new AbortController().signal);
  return done.splice(0);
}

async function add(resource: string, name: string, spec: object, more: object = {}): Promise<KubernetesObject> {
  const object = { metadata: { name, namespace: 'default', ...more }, spec } as KubernetesObject;
  return (await registry.create(kindOf(registry, resource), object)).entry.object;
}

function addRoute(name: string, spec: object = {}): Promise<KubernetesObject> {
  return add('route.openshift.io/routes', name, { to: { kind: 'Service', name }, host: `${name}.test`, ...spec });
}

async function setEndpoints(service: string, ...addresses: readonly string[]): Promise<void> {
  const kind = kindOf(registry, 'discovery.k8s.io/endpointslices');
  const object = {
    metadata: { name: service, namespace: 'default', labels: { 'kubernetes.io/service-name': service } },
    addressType: 'IPv4',
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: [{ name: '', port: 8080, protocol: 'TCP' }],
  };
  const key = { namespace: 'default', name: service };
  if (registry.find(kind, key) === undefined) await registry.create(kind, object as KubernetesObject);
  else await registry.modify(kind, key, (now) => ({ ...now, endpoints: object.endpoints }));
}

function stored<T extends KubernetesObject>(resource: string, name: string): T {
  const entry = registry.find(kindOf(registry, resource), { namespace: 'default', name });
  if (entry === undefined) throw new Error(`there is no ${resource} ${name}`);
  return entry.object as T;
}

function verdictOf(name: string): object | undefined {
  return stored<Route>('route.openshift.io/routes', name).status?.ingress?.[0]?.conditions?.[0];
}

beforeEach(async () => {
  [written, done, said, isRunning, isDown, poison] = [undefined, [], [], false, false, ''];
  isStubborn = false;
  withdrawn = undefined;
  registry = createFakeRegistry(catalogue);
  await registry.create(kindOf(registry, '/namespaces'), { metadata: { name: 'default' } });
});

describe('the router', () => {
  it('is started with the first Route, reloaded with others, and left alone otherwise', async () => {
    const one = controller();
    expect(await reconcile(one)).toEqual([]);
    expect(written).toBeUndefined();
    await addRoute('web');
    expect(await reconcile(one)).toEqual(['start quadshift-router.service', 'tidy']);
    expect(written?.config).toContain('backend route_default_web');
    expect(await reconcile(one)).toEqual([]);
    await addRoute('other');
    expect(await reconcile(one)).toEqual(['reload', 'tidy']);
    expect(await reconcile(controller())).toEqual(['tidy']);
  });

  it('is told of endpoints while it runs, and reloaded only when it does not take them', async () => {
    const one = controller();
    await add('/services', 'web', { ports: [{ port: 80 }] });
    await addRoute('web');
    await reconcile(one);
    await setEndpoints('web', '10.42.0.5', '10.42.0.6');
    expect(await reconcile(one)).toEqual([
      'add route_default_web/web:10.42.0.5:8080',
      'add route_default_web/web:10.42.0.6:8080',
      'tidy',
    ]);
    expect(written?.config).toContain('server web:10.42.0.6:8080 10.42.0.6:8080');
    await setEndpoints('web', '10.42.0.6');
    expect(await reconcile(one)).toEqual(['remove route_default_web/web:10.42.0.5:8080', 'tidy']);
    isStubborn = true;
    await setEndpoints('web', '10.42.0.7');
    expect(await reconcile(one)).toEqual(['reload', 'tidy']);
  });

  it('no longer shows a Secret’s certificate when the right to read it is taken back', async () => {
    const one = controller();
    const pem = (label: string) => btoa(`-----BEGIN ${label}-----\nQUJD\n-----END ${label}-----\n`);
    const data = { 'tls.crt': pem('CERTIFICATE'), 'tls.key': pem('PRIVATE KEY') };
    await registry.create(kindOf(registry, '/secrets'), {
      metadata: { name: 'pair', namespace: 'default' },
      ...{ type: 'kubernetes.io/tls', data },
    } as KubernetesObject);
    const tls = { termination: 'edge', externalCertificate: { name: 'pair' } };
    await addRoute('web', { tls });
    await reconcile(one);
    expect(verdictOf('web')).toMatchObject({ status: 'True' });
    withdrawn = 'router serviceaccount does not have permission to get this secret';
    expect(await reconcile(one)).toEqual(['reload', 'tidy']);
    expect(verdictOf('web')).toMatchObject({
      status: 'False',
      message: `spec.tls.externalCertificate: ${withdrawn}`,
    });
    expect(written?.config).not.toContain('route_default_web');
  });

  it('takes away the last Route', async () => {
    const one = controller();
    await addRoute('web');
    await reconcile(one);
    await registry.delete(kindOf(registry, 'route.openshift.io/routes'), { namespace: 'default', name: 'web' }, {});
    expect(await reconcile(one)).toEqual(['reload', 'tidy']);
    expect(written?.config).not.toContain('route_default_web');
  });

  it('is told again what it could not hear', async () => {
    const one = controller();
    await addRoute('first');
    await reconcile(one);
    await addRoute('web');
    isDown = true;
    await expect(reconcile(one)).rejects.toThrow('down');
    expect(verdictOf('web')).toBeUndefined();
    isDown = false;
    written = undefined;
    expect(await reconcile(one)).toEqual(['reload', 'tidy']);
    expect(verdictOf('web')).toMatchObject({ status: 'True' });
  });
});

describe('a Route', () => {
  it('is told that it is admitted, and where', async () => {
    const route = await addRoute('web');
    await reconcile(controller());
    const { status, metadata } = stored<Route>('route.openshift.io/routes', 'web');
    expect(status).toEqual({
      ingress: [
        {
          host: 'web.test',
          routerName: 'default',
          routerCanonicalHostname: 'router-default.apps.test',
          wildcardPolicy: 'None',
          conditions: [{ type: 'Admitted', status: 'True', lastTransitionTime: expect.any(String) }],
        },
      ],
    });
    expect(metadata?.uid).toBe(route.metadata?.uid);
  });

  it('that HAProxy refuses hears why, and harms no other', async () => {
    poison = 'route_default_bad';
    for (const name of ['a', 'b', 'bad', 'c']) await addRoute(name);
    const one = controller();
    await reconcile(one);
    expect(verdictOf('bad')).toMatchObject({
      status: 'False',
      reason: 'ExtendedValidationFailed',
      message: 'line 7 is poison',
    });
    expect(['a', 'b', 'c'].map(verdictOf)).toEqual(Array(3).fill(expect.objectContaining({ status: 'True' })));
    expect(written?.config).not.toContain('route_default_bad');
    // It stays refused while nothing changes.
    await reconcile(one);
    expect(verdictOf('bad')).toMatchObject({ status: 'False' });
    poison = '';
    await addRoute('d');
    await reconcile(one);
    expect(verdictOf('bad')).toEqual({ type: 'Admitted', status: 'True', lastTransitionTime: expect.any(String) });
  });

  it('that comes late for a host hears that it is claimed', async () => {
    await addRoute('web');
    const one = controller();
    await reconcile(one);
    await addRoute('late', { host: 'web.test' });
    await reconcile(one);
    expect([verdictOf('web'), verdictOf('late')]).toMatchObject([
      { status: 'True' },
      { status: 'False', reason: 'HostAlreadyClaimed' },
    ]);
  });
});

describe('an Ingress', () => {
  const backend = { service: { name: 'web', port: { number: 80 } } };

  it('of our class gets the address of the node, and an Event about a certificate that is not there, once', async () => {
    await add(
      'networking.k8s.io/ingressclasses',
      'quadshift',
      { controller: 'quadshift.io/router' },
      { namespace: undefined },
    );
    const node = await add('/nodes', 'node', {}, { namespace: undefined });
    const status = { addresses: [{ type: 'InternalIP', address: '192.0.2.7' }] };
    await registry.modify(
      kindOf(registry, '/nodes'),
      { namespace: '', name: 'node' },
      () => ({ ...node, status }) as never,
      {
        subresource: 'status',
      },
    );
    const tls = [{ hosts: ['i.test'], secretName: 'none' }];
    const rules = [{ host: 'i.test', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
    await add('networking.k8s.io/ingresses', 'i', { ingressClassName: 'quadshift', rules, tls });
    const one = controller();
    await reconcile(one);
    await reconcile(one);
    expect(stored<Ingress>('networking.k8s.io/ingresses', 'i').status).toEqual({
      loadBalancer: { ingress: [{ ip: '192.0.2.7' }] },
    });
    expect(said).toEqual(['certificate of Secret none: the secret does not exist']);
  });
});

it('a HAProxy that takes nothing at all is nobody’s fault', async () => {
  const site = { owner: 'Route a/b', rules: [], backends: [], certificates: [] };
  await expect(soundSites([site], async () => 'no such user')).rejects.toThrow('without any site: no such user');
});
