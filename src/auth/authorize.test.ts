import { expect, test } from 'vitest';
import { ANONYMOUS } from './authenticate.ts';
import type { RequestAttributes } from './authenticator.ts';
import { authorizeMasters, forbiddenRequest } from './authorize.ts';

const listPods: RequestAttributes = {
  user: { name: 'x', uid: '', groups: ['system:authenticated'], extra: {} },
  verb: 'list',
  path: '/api/v1/namespaces/default/pods',
  resource: { group: '', version: 'v1', resource: 'pods', subresource: '', namespace: 'default', name: '' },
};

test('masters may do everything, others read health and version only', () => {
  const master = { ...listPods, user: { ...listPods.user, groups: ['system:masters'] } };
  expect(authorizeMasters(master).allowed).toBe(true);
  expect(authorizeMasters(listPods).allowed).toBe(false);
  const health = { user: ANONYMOUS, verb: 'get', path: '/readyz/ping' };
  expect(authorizeMasters(health).allowed).toBe(true);
  expect(authorizeMasters({ ...health, path: '/readyzz' }).allowed).toBe(false);
});

test('a denial names user, verb, resource, group and place', () => {
  expect(forbiddenRequest(listPods, '').status).toMatchObject({
    code: 403,
    reason: 'Forbidden',
    message: 'pods is forbidden: User "x" cannot list resource "pods" in API group "" in the namespace "default"',
  });
  const scale = {
    ...listPods,
    verb: 'get',
    resource: { group: 'apps', version: 'v1', resource: 'deployments', subresource: 'scale', namespace: '', name: 'w' },
  };
  expect(forbiddenRequest(scale, '').status.message).toBe(
    'deployments.apps "w" is forbidden: User "x" cannot get resource "deployments/scale" in API group "apps" at the cluster scope',
  );
});

test('a denied path is named', () => {
  const { status } = forbiddenRequest({ user: ANONYMOUS, verb: 'get', path: '/metrics' }, '');
  expect(status.message).toBe('forbidden: User "system:anonymous" cannot get path "/metrics"');
});
