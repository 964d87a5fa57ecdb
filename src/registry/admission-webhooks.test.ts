import { describe, expect, it } from 'vitest';
import { type FakeAdmission, fakeAdmission, refusalOf } from './fake-dynamic-admission.ts';

const GROUP = 'admissionregistration.k8s.io';
const config = (name: string, data: object = {}, metadata: object = {}) => ({ metadata: { name, ...metadata }, data });

async function hook(house: FakeAdmission, kind: 'validating' | 'mutating', more: object = {}, name = 'hook') {
  const { clientConfig = { url: 'https://hooks.example.com/check' }, ...rest } = more as { clientConfig?: object };
  await house.create(`${GROUP}/${kind}webhookconfigurations`, {
    metadata: { name },
    webhooks: [
      {
        name: `${name}.example.com`,
        clientConfig,
        rules: [{ operations: ['*'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps', 'pods/exec'] }],
        sideEffects: 'None',
        admissionReviewVersions: ['v2', 'v1'],
        ...rest,
      },
    ],
  });
}

const encoded = (operations: readonly object[]) => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(operations)).toString('base64'),
});

describe('a mutating webhook', () => {
  it('is told of the request and changes the object, which is defaulted again', async () => {
    const house = await fakeAdmission(() => encoded([{ op: 'add', path: '/data/by', value: 'hook' }]));
    await hook(house, 'mutating');
    const user = { name: 'eve', groups: ['g'], uid: 'u', extra: { k: ['v'] } };
    expect(await house.create('/configmaps', config('a', { x: '1' }), { user })).toMatchObject({
      data: { x: '1', by: 'hook' },
    });
    const [post] = house.posts;
    expect({ ...post, body: JSON.parse(post?.body ?? '') }).toMatchObject({
      target: { url: 'https://hooks.example.com/check', caBundle: '' },
      timeoutSeconds: 10,
      body: {
        kind: 'AdmissionReview',
        apiVersion: 'admission.k8s.io/v1',
        request: {
          kind: { group: '', version: 'v1', kind: 'ConfigMap' },
          resource: { group: '', version: 'v1', resource: 'configmaps' },
          requestKind: { group: '', version: 'v1', kind: 'ConfigMap' },
          name: 'a',
          namespace: 'shop',
          operation: 'CREATE',
          userInfo: { username: 'eve', uid: 'u', groups: ['g'], extra: { k: ['v'] } },
          object: { kind: 'ConfigMap', apiVersion: 'v1', data: { x: '1' } },
          oldObject: null,
          dryRun: false,
          options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
        },
      },
    });
  });

  it('is asked again when a later one has changed the object, where it wants to be', async () => {
    const house = await fakeAdmission((request, { target }) => {
      const { data } = request['object'] as { readonly data: { readonly [key: string]: string } };
      if (target.url.endsWith('late')) return encoded([{ op: 'add', path: '/data/late', value: 'yes' }]);
      return encoded([{ op: 'add', path: '/data/saw', value: data['late'] ?? 'no' }]);
    });
    await hook(house, 'mutating', { reinvocationPolicy: 'IfNeeded' }, 'a');
    await hook(house, 'mutating', { clientConfig: { url: 'https://hooks.example.com/late' } }, 'b');
    expect(await house.create('/configmaps', config('a', { x: '1' }))).toMatchObject({ data: { saw: 'yes' } });
    expect(house.posts.map(({ target }) => target.url.split('/').at(-1))).toEqual(['check', 'late', 'check']);
  });
});

describe('a validating webhook', () => {
  it('refuses with its own words', async () => {
    const house = await fakeAdmission(() => ({
      allowed: false,
      status: { message: 'the config map is bad', code: 409, reason: 'Conflict' },
    }));
    await hook(house, 'validating');
    expect(await refusalOf(house.create('/configmaps', config('a')))).toMatchObject({
      status: 'Failure',
      code: 409,
      reason: 'Conflict',
      message: 'admission webhook "hook.example.com" denied the request: the config map is bad',
    });
  });

  it('warns and notes for audit', async () => {
    const house = await fakeAdmission(() => ({ allowed: true, warnings: ['mind'], auditAnnotations: { k: 'v' } }));
    await hook(house, 'validating');
    const { warnings } = await house.registry.create(house.kind('/configmaps'), config('a'), { namespace: 'shop' });
    expect([warnings, [...house.notes]]).toEqual([['mind'], [['hook.example.com/k', 'v']]]);
  });

  it.each([
    [
      { uid: 'other', allowed: true },
      'received invalid webhook response: expected response.uid="review-0", got "other"',
    ],
    [encoded([]), 'received invalid webhook response: validating webhook may not return response.patch'],
  ])('that answers nonsense has failed', async (response, message) => {
    const house = await fakeAdmission(() => response);
    await hook(house, 'validating');
    expect(await refusalOf(house.create('/configmaps', config('a')))).toMatchObject({
      code: 500,
      message: `Internal error occurred: failed calling webhook "hook.example.com": ${message}`,
    });
  });

  it('that cannot be reached lets nothing through, or everything, as its failure policy says', async () => {
    const house = await fakeAdmission(() => {
      throw new Error('dial tcp 10.0.0.1:443: connect: connection refused');
    });
    await hook(house, 'validating', { failurePolicy: 'Ignore' });
    await house.create('/configmaps', config('a'));
    await hook(house, 'validating', { timeoutSeconds: 1 }, 'strict');
    expect(await refusalOf(house.create('/configmaps', config('b')))).toMatchObject({
      message:
        'Internal error occurred: failed calling webhook "strict.example.com": failed to call webhook: Post "https://hooks.example.com/check?timeout=1s": dial tcp 10.0.0.1:443: connect: connection refused',
    });
  });

  it('behind a Service is reached at a ready endpoint', async () => {
    const house = await fakeAdmission();
    await house.create('/services', {
      metadata: { name: 'hooks' },
      spec: { ports: [{ name: 'web', port: 8443, targetPort: 9443 }] },
    });
    await house.create('discovery.k8s.io/endpointslices', {
      metadata: { name: 'hooks-1', labels: { 'kubernetes.io/service-name': 'hooks' } },
      addressType: 'IPv4',
      ports: [{ name: 'web', port: 9443 }],
      endpoints: [
        { addresses: ['10.42.0.7'], conditions: { ready: false } },
        { addresses: ['10.42.0.8'], conditions: { ready: true } },
      ],
    });
    const service = { namespace: 'shop', name: 'hooks', path: '/check', port: 8443 };
    await hook(house, 'validating', { clientConfig: { service, caBundle: 'Y2E=' } });
    await house.create('/configmaps', config('a'));
    expect(house.posts[0]?.target).toEqual({
      url: 'https://hooks.shop.svc:8443/check',
      address: { host: '10.42.0.8', port: 9443 },
      caBundle: 'Y2E=',
    });
  });

  it('is asked of a dry run only where that has no side effects, and of what its conditions choose', async () => {
    const house = await fakeAdmission(() => ({ allowed: false }));
    const matchConditions = [{ name: 'odd', expression: "object.metadata.name != 'even'" }];
    await hook(house, 'validating', { matchConditions });
    await house.create('/configmaps', config('even'));
    expect(await refusalOf(house.create('/configmaps', config('odd'), { dryRun: true }))).toMatchObject({
      code: 400,
      message: 'admission webhook "hook.example.com" denied the request without explanation',
    });
  });

  it('is asked about connections', async () => {
    const house = await fakeAdmission(() => ({ allowed: false, status: { message: 'no way in' } }));
    await house.create('/pods', { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } });
    await hook(house, 'validating');
    const options = { kind: 'PodExecOptions', apiVersion: 'v1', stdin: true };
    const key = { namespace: 'shop', name: 'p' };
    const connected = house.registry.connect(house.kind('/pods'), key, options, { subresource: 'exec' });
    expect((await refusalOf(connected)).message).toContain('no way in');
    expect(JSON.parse(house.posts[0]?.body ?? '')).toMatchObject({
      request: {
        kind: { group: '', version: 'v1', kind: 'PodExecOptions' },
        subResource: 'exec',
        operation: 'CONNECT',
        name: 'p',
        object: options,
      },
    });
  });
});
