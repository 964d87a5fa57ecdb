import { describe, expect, test } from 'vitest';
import type { RbacLookup } from '../../kinds/policy-rules/rbac-lookup.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import type { RequestAttributes, UserInfo } from '../authenticator.ts';
import { createReviewHandlers } from './review-handlers.ts';

const bob: UserInfo = { name: 'bob', uid: 'u', groups: ['devs'], extra: { scopes: ['a'] } };
const seen: RequestAttributes[] = [];

const role = {
  rules: [
    { verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['web'] },
    { verbs: ['get'], nonResourceURLs: ['/healthz'] },
  ],
};

function bindingTo(name: string) {
  const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name };
  return { metadata: { name }, roleRef, subjects: [{ kind: 'User', name: 'bob' }] };
}

const lookup: RbacLookup = {
  clusterRoleBindings: () => [bindingTo('known'), bindingTo('gone')],
  roleBindings: () => [],
  role: () => undefined,
  clusterRole: (name) => (name === 'known' ? role : undefined),
};

const handlers = createReviewHandlers({
  authorize: (attributes) => {
    seen.push(attributes);
    return { allowed: attributes.verb === 'get', reason: attributes.verb === 'get' ? 'because' : '' };
  },
  lookup,
  judge: (token, audiences) =>
    token === 'good' ? { ok: true, user: bob, audiences } : { ok: false, error: 'invalid bearer token' },
  audiences: ['api'],
  clock: () => Date.UTC(2026, 0, 1),
});

async function create(resource: string, object: object, namespace = '') {
  const handler = handlers[resource];
  if (handler === undefined) throw new Error(`no ${resource}`);
  return (await handler({ namespace, object: object as KubernetesObject, user: bob })).object;
}

describe('an access review', () => {
  const review = (plural: string, object: object, namespace = '') =>
    create(`authorization.k8s.io/${plural}`, object, namespace);
  const refusal = (...call: Parameters<typeof review>) => review(...call).then(String, (error: Error) => error.message);
  const resourceAttributes = { verb: 'get', resource: 'pods', namespace: 'shop' };

  test('asks the authorizer about the one who asks, or about whom it names', async () => {
    seen.length = 0;
    expect(await review('selfsubjectaccessreviews', { spec: { resourceAttributes } })).toEqual({
      kind: 'SelfSubjectAccessReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec: { resourceAttributes },
      status: { allowed: true, reason: 'because' },
    });
    const nonResourceAttributes = { verb: 'post', path: '/x' };
    expect(await review('subjectaccessreviews', { spec: { nonResourceAttributes, user: 'eve' } })).toMatchObject({
      status: { allowed: false },
    });
    const [first, second] = seen;
    expect(first).toEqual({
      user: bob,
      verb: 'get',
      path: '',
      resource: { group: '', version: '*', resource: 'pods', subresource: '', namespace: 'shop', name: '' },
    });
    expect(second).toEqual({ user: { name: 'eve', uid: '', groups: [], extra: {} }, verb: 'post', path: '/x' });
  });

  test('asks exactly one thing, about somebody, in its own namespace', async () => {
    const both = { resourceAttributes, nonResourceAttributes: { path: '/' } };
    const local = { resourceAttributes, user: 'eve' };
    expect([
      await refusal('selfsubjectaccessreviews', {}),
      await refusal('selfsubjectaccessreviews', { spec: both }),
      await refusal('subjectaccessreviews', { spec: { resourceAttributes } }),
      await refusal('localsubjectaccessreviews', { spec: local }, 'other'),
      await refusal('selfsubjectaccessreviews', { metadata: { name: 'x' }, spec: { resourceAttributes } }),
    ]).toEqual([
      'SelfSubjectAccessReview.authorization.k8s.io "" is invalid: spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
      'SelfSubjectAccessReview.authorization.k8s.io "" is invalid: spec.nonResourceAttributes: Invalid value: {"path":"/"}: cannot be specified in combination with resourceAttributes',
      'SubjectAccessReview.authorization.k8s.io "" is invalid: spec.user: Invalid value: "": at least one of user or group must be specified',
      'LocalSubjectAccessReview.authorization.k8s.io "" is invalid: spec.resourceAttributes.namespace: Invalid value: "shop": must match metadata.namespace',
      'SelfSubjectAccessReview.authorization.k8s.io "" is invalid: metadata: Invalid value: {"name":"x"}: must be empty',
    ]);
    expect(await review('localsubjectaccessreviews', { spec: local }, 'shop')).toMatchObject({
      metadata: { namespace: 'shop' },
      status: { allowed: true },
    });
  });
});

test('a rules review lists what one may do, and what could not be found', async () => {
  const object = { spec: { namespace: 'shop' } };
  expect(await create('authorization.k8s.io/selfsubjectrulesreviews', object)).toMatchObject({
    status: {
      resourceRules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], resourceNames: ['web'] }],
      nonResourceRules: [{ verbs: ['get'], nonResourceURLs: ['/healthz'] }],
      incomplete: true,
      evaluationError: 'clusterrole.rbac.authorization.k8s.io "gone" not found',
    },
  });
  await expect(create('authorization.k8s.io/selfsubjectrulesreviews', {})).rejects.toThrow('no namespace on request');
});

test('a self review says who asks', async () => {
  expect(await create('authentication.k8s.io/selfsubjectreviews', {})).toMatchObject({
    metadata: { creationTimestamp: '2026-01-01T00:00:00Z' },
    status: { userInfo: { username: 'bob', uid: 'u', groups: ['devs'], extra: { scopes: ['a'] } } },
  });
});

test('a token review says whose token it is, or why it is nobody’s', async () => {
  const review = (spec: object) => create('authentication.k8s.io/tokenreviews', { spec });
  expect(await review({ token: 'good' })).toMatchObject({
    status: { authenticated: true, user: { username: 'bob' }, audiences: ['api'] },
  });
  expect(await review({ token: 'good', audiences: ['vault'] })).toMatchObject({ status: { audiences: ['vault'] } });
  expect(await review({ token: 'bad' })).toMatchObject({ status: { user: {}, error: 'invalid bearer token' } });
  await expect(review({})).rejects.toThrow('token is required for TokenReview in authentication');
});
