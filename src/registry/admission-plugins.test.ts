import { beforeEach, describe, expect, it } from 'vitest';
import { catalogue } from '../kinds/catalogue.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { statusOf } from './fake-kinds.ts';
import { createFakeRegistry, type FakeRegistry } from './fake-registry.ts';

let registry: FakeRegistry;

function kind(resource: string) {
  const [group = '', plural = ''] = resource.split('/');
  const found = registry.definition(group, plural);
  if (found === undefined) throw new Error(resource);
  return found;
}

/** Creates an object in `shop`; kind and apiVersion are the resource's. */
async function create<T extends KubernetesObject>(resource: string, object: object, options = {}): Promise<T> {
  const { entry } = await registry.create(kind(resource), object, { namespace: 'shop', ...options });
  return entry.object as T;
}

const container = (name: string, resources: object = {}) => ({ name, image: 'i', resources });
const pod = (name: string, resources: object = {}, spec: object = {}) => ({
  metadata: { name },
  spec: { containers: [container('main', resources)], ...spec },
});

beforeEach(async () => {
  registry = createFakeRegistry(catalogue);
  await registry.create(kind('/namespaces'), { metadata: { name: 'shop' } });
});

describe('LimitRanger', () => {
  const range = (...limits: object[]) => create('/limitranges', { metadata: { name: 'range' }, spec: { limits } });

  it('fills in what containers leave open, and says so', async () => {
    await range({ type: 'Container', default: { cpu: '1', memory: '1Gi' }, defaultRequest: { cpu: '100m' } });
    const made = await create('/pods', pod('web', { requests: { memory: '64Mi' } }));
    expect(made).toMatchObject({
      metadata: {
        annotations: {
          'kubernetes.io/limit-ranger':
            'LimitRanger plugin set: cpu request for container main; cpu, memory limit for container main',
        },
      },
      spec: {
        containers: [{ resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '1', memory: '1Gi' } } }],
      },
    });
  });

  it.each([
    [
      { type: 'Container', max: { cpu: '1' } },
      { limits: { cpu: '2' } },
      'maximum cpu usage per Container is 1, but limit is 2',
    ],
    [
      { type: 'Container', min: { cpu: '100m' } },
      { requests: { cpu: '50m' }, limits: { cpu: '1' } },
      'minimum cpu usage per Container is 100m, but request is 50m',
    ],
    [{ type: 'Pod', min: { cpu: '100m' } }, {}, 'minimum cpu usage per Pod is 100m.  No request is specified'],
    [{ type: 'Pod', max: { memory: '1Gi' } }, {}, 'maximum memory usage per Pod is 1Gi.  No limit is specified'],
    [
      { type: 'Container', maxLimitRequestRatio: { cpu: '2' } },
      { requests: { cpu: '100m' }, limits: { cpu: '300m' } },
      'cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000',
    ],
  ])('refuses what is out of bounds: %j', async (limit, resources, why) => {
    await range(limit);
    expect(await statusOf(create('/pods', pod('web', resources)))).toBe(`403 pods "web" is forbidden: ${why}`);
  });

  it('bounds the size of claims', async () => {
    await range({ type: 'PersistentVolumeClaim', max: { storage: '1Gi' }, min: { storage: '1Mi' } });
    const claim = (storage: string) => ({
      metadata: { name: 'data' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
    });
    expect(await statusOf(create('/persistentvolumeclaims', claim('2Gi')))).toBe(
      '403 persistentvolumeclaims "data" is forbidden: maximum storage usage per PersistentVolumeClaim is 1Gi, but request is 2Gi',
    );
    expect(await statusOf(create('/persistentvolumeclaims', claim('1Gi')))).toBe('no error');
  });
});

describe('ResourceQuota', () => {
  const quota = (hard: object, spec: object = {}) =>
    create('/resourcequotas', { metadata: { name: 'q' }, spec: { hard, ...spec } });

  it('gives the last place to one of many who want it at once', async () => {
    await quota({ pods: '2' });
    const wanted = ['a', 'b', 'c', 'd'].map((name) => statusOf(create('/pods', pod(name))));
    const refusal = (name: string) =>
      `403 pods "${name}" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: pods=2`;
    expect(await Promise.all(wanted)).toEqual(['no error', 'no error', refusal('c'), refusal('d')]);
    await registry.delete(kind('/pods'), { namespace: 'shop', name: 'a' }, { gracePeriodSeconds: 0 });
    expect(await statusOf(create('/pods', pod('d')))).toBe('no error');
  });

  it('is not used up by what comes to nothing', async () => {
    await quota({ configmaps: '1' });
    await create('/configmaps', { metadata: { name: 'a' } }, { dryRun: true });
    expect(await statusOf(create('/configmaps', { metadata: { name: 'Bad Name' } }))).toMatch(/^422/);
    expect(await statusOf(create('/configmaps', { metadata: { name: 'a' } }))).toBe('no error');
    expect(await statusOf(create('/configmaps', { metadata: { name: 'b' } }))).toBe(
      '403 configmaps "b" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=1, limited: configmaps=1',
    );
  });

  it('adds up what pods request, with everything that is said under other names', async () => {
    await quota({ 'requests.cpu': '1', 'limits.memory': '1Gi', 'requests.example.com/gpu': '1' });
    const small = { requests: { cpu: '600m' }, limits: { memory: '512Mi' } };
    await create('/pods', pod('a', small));
    expect(await statusOf(create('/pods', pod('b', small)))).toBe(
      '403 pods "b" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=600m, limited: requests.cpu=1',
    );
    const gpus = { requests: { cpu: '1m' }, limits: { memory: '1Mi', 'example.com/gpu': '2' } };
    expect(await statusOf(create('/pods', pod('c', gpus)))).toBe(
      '403 pods "c" is forbidden: exceeded quota: q, requested: requests.example.com/gpu=2, used: requests.example.com/gpu=0, limited: requests.example.com/gpu=1',
    );
    expect(await statusOf(create('/pods', pod('d')))).toBe(
      '403 pods "d" is forbidden: failed quota: q: must specify limits.memory for: main; requests.cpu for: main',
    );
  });

  it('with a scope is about the pods in it', async () => {
    await quota({ pods: '0' }, { scopes: ['BestEffort'] });
    expect(await statusOf(create('/pods', pod('a', { requests: { cpu: '1m' } })))).toBe('no error');
    expect(await statusOf(create('/pods', pod('b')))).toMatch(/exceeded quota: q/);
  });

  it('counts any kind, Services by their type, and claims by their class', async () => {
    await quota({
      'count/deployments.apps': '0',
      'services.nodeports': '1',
      'requests.storage': '1Gi',
      'fast.storageclass.storage.k8s.io/persistentvolumeclaims': '0',
    });
    const template = { metadata: { labels: { a: 'b' } }, spec: { containers: [container('main')] } };
    const deployment = { metadata: { name: 'd' }, spec: { selector: { matchLabels: { a: 'b' } }, template } };
    expect(await statusOf(create('apps/deployments', deployment))).toBe(
      '403 deployments.apps "d" is forbidden: exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=0, limited: count/deployments.apps=0',
    );
    const ports = [80, 81].map((port) => ({ name: `p${port}`, port }));
    const service = (name: string, spec: object) => ({ metadata: { name }, spec: { ports, ...spec } });
    expect(await statusOf(create('/services', service('s', { type: 'NodePort' })))).toMatch(/services.nodeports=2/);
    expect(await statusOf(create('/services', service('s', {})))).toBe('no error');
    const claim = (storage: string, storageClassName?: string) => ({
      metadata: { name: `c-${storage.toLowerCase()}` },
      spec: { storageClassName, accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
    });
    expect(await statusOf(create('/persistentvolumeclaims', claim('2Gi')))).toMatch(/requests.storage=2Gi/);
    expect(await statusOf(create('/persistentvolumeclaims', claim('1Mi', 'fast')))).toMatch(/fast.storageclass/);
    expect(await statusOf(create('/persistentvolumeclaims', claim('1Gi')))).toBe('no error');
  });
});

describe('what objects get on their way in', () => {
  it('is the overhead and place of a RuntimeClass', async () => {
    await create('node.k8s.io/runtimeclasses', {
      metadata: { name: 'vm' },
      handler: 'kata',
      overhead: { podFixed: { cpu: '250m' } },
      scheduling: { nodeSelector: { vm: 'yes' }, tolerations: [{ key: 'vm', operator: 'Exists' }] },
    });
    const made = await create('/pods', pod('a', {}, { runtimeClassName: 'vm' }));
    expect(made).toMatchObject({ spec: { overhead: { cpu: '250m' }, nodeSelector: { vm: 'yes' } } });
    expect(await statusOf(create('/pods', pod('b', {}, { runtimeClassName: 'x' })))).toBe(
      '403 pods "b" is forbidden: pod rejected: RuntimeClass "x" not found',
    );
    const elsewhere = { runtimeClassName: 'vm', nodeSelector: { vm: 'no' } };
    expect(await statusOf(create('/pods', pod('b', {}, elsewhere)))).toBe(
      '403 pods "b" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[vm] = yes; pod.spec.nodeSelector[vm] = no',
    );
  });

  it('is the default StorageClass and protection while in use', async () => {
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    await create('storage.k8s.io/storageclasses', { metadata: { name: 'fast', annotations }, provisioner: 'x' });
    const spec = { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
    const claim = await create('/persistentvolumeclaims', { metadata: { name: 'a' }, spec });
    expect(claim).toMatchObject({
      metadata: { finalizers: ['kubernetes.io/pvc-protection'] },
      spec: { storageClassName: 'fast' },
    });
    const none = await create('/persistentvolumeclaims', {
      metadata: { name: 'b' },
      spec: { ...spec, storageClassName: '' },
    });
    expect(none).toMatchObject({ spec: { storageClassName: '' } });
  });

  it('is the default IngressClass, and a host for a Route', async () => {
    const annotations = { 'ingressclass.kubernetes.io/is-default-class': 'true' };
    await create('networking.k8s.io/ingressclasses', {
      metadata: { name: 'main', annotations },
      spec: { controller: 'a.b/c' },
    });
    const defaultBackend = { service: { name: 'web', port: { number: 80 } } };
    const ingress = await create('networking.k8s.io/ingresses', {
      metadata: { name: 'web' },
      spec: { defaultBackend },
    });
    expect(ingress).toMatchObject({ spec: { ingressClassName: 'main' } });
    const route = await create('route.openshift.io/routes', {
      metadata: { name: 'web' },
      spec: { to: { name: 'web' } },
    });
    expect(route).toMatchObject({
      metadata: { annotations: { 'openshift.io/host.generated': 'true' } },
      spec: { host: 'web-shop.router.default.svc.cluster.local', to: { kind: 'Service', weight: 100 } },
    });
  });

  it('is the name of who asks for a certificate', async () => {
    const request = globalThis.btoa('-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n');
    const spec = { request, signerName: 'example.com/x', usages: ['client auth'], username: 'somebody-else' };
    const user = { name: 'jane', groups: ['developers'] };
    const made = await create(
      'certificates.k8s.io/certificatesigningrequests',
      { metadata: { name: 'a' }, spec },
      { user },
    );
    expect(made).toMatchObject({ spec: { username: 'jane', groups: ['developers'] } });
  });
});

it('there is one default PriorityClass', async () => {
  const priorityClass = (name: string) => ({ metadata: { name }, value: 1, globalDefault: true });
  await create('scheduling.k8s.io/priorityclasses', priorityClass('a'));
  expect(await statusOf(create('scheduling.k8s.io/priorityclasses', priorityClass('b')))).toBe(
    '403 priorityclasses.scheduling.k8s.io "b" is forbidden: PriorityClass a is already marked as default. Only one default can exist',
  );
});
