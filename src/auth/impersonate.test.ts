import { expect, test } from 'vitest';
import type { Authorizer, UserInfo } from './authenticator.ts';
import { impersonate } from './impersonate.ts';

const admin: UserInfo = { name: 'admin', uid: '', groups: ['system:authenticated'], extra: {} };
const allow: Authorizer = () => ({ allowed: true, reason: '' });

const request = { verb: 'list', path: '/api/v1/pods' };

/** Allows impersonating these: `users bob`, `userextras/scopes view`. */
function allowing(...things: readonly string[]): Authorizer {
  return ({ verb, resource: r }) => {
    const what = r && `${r.resource}${r.subresource && `/${r.subresource}`} ${r.name}`;
    return { allowed: verb === 'impersonate' && things.includes(what ?? ''), reason: '' };
  };
}

test('a request without the headers is its sender’s own', () => {
  expect(impersonate(admin, { accept: '*/*' }, allowing(), request)).toBe(admin);
});

test('user, groups, uid and extra fields are taken from the headers', () => {
  const headers = {
    'impersonate-user': 'bob',
    'impersonate-group': 'devs, ops',
    'impersonate-uid': 'u-1',
    'impersonate-extra-acme.com%2fscopes': 'view, edit',
  };
  expect(impersonate(admin, headers, allow, request)).toEqual({
    name: 'bob',
    uid: 'u-1',
    groups: ['devs', 'ops', 'system:authenticated'],
    extra: { 'acme.com/scopes': ['view', 'edit'] },
  });
});

test('an account brings its groups along, anonymous is not authenticated', () => {
  expect(impersonate(admin, { 'impersonate-user': 'system:serviceaccount:shop:web' }, allow, request).groups).toEqual([
    'system:serviceaccounts',
    'system:serviceaccounts:shop',
    'system:authenticated',
  ]);
  expect(impersonate(admin, { 'impersonate-user': 'system:anonymous' }, allow, request).groups).toEqual([
    'system:unauthenticated',
  ]);
});

test('each part has to be allowed', () => {
  const headers = { 'impersonate-user': 'bob', 'impersonate-group': 'ops', 'impersonate-extra-scopes': 'view' };
  const as =
    (...things: readonly string[]) =>
    () =>
      impersonate(admin, headers, allowing(...things), request);
  const cannot = (what: string) => `User "admin" cannot impersonate resource ${what} at the cluster scope`;
  expect(as()).toThrow(`users "bob" is forbidden: ${cannot('"users" in API group ""')}`);
  expect(as('users bob')).toThrow(`groups "ops" is forbidden: ${cannot('"groups" in API group ""')}`);
  expect(as('users bob', 'groups ops')).toThrow(
    `userextras.authentication.k8s.io "view" is forbidden: ${cannot('"userextras/scopes" in API group "authentication.k8s.io"')}`,
  );
  expect(as('users bob', 'groups ops', 'userextras/scopes view')().name).toBe('bob');
});

test('an account is asked for in its namespace', () => {
  const headers = { 'impersonate-user': 'system:serviceaccount:shop:web' };
  expect(() => impersonate(admin, headers, allowing(), request)).toThrow(
    'serviceaccounts "web" is forbidden: User "admin" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "shop"',
  );
});

test('groups without a user are a bad request', () => {
  expect(() => impersonate(admin, { 'impersonate-group': 'ops' }, allow, request)).toThrow(
    'requested [ops] without impersonating a user',
  );
});

test('constrained impersonation is for the requests that it was granted for', () => {
  const pods = { group: '', version: 'v1', resource: 'pods', subresource: '', namespace: 'shop', name: '' };
  const rights = ['impersonate:user-info users', 'impersonate:user-info groups', 'impersonate-on:user-info:list pods'];
  const judge: Authorizer = ({ verb, resource: r }) => ({
    allowed: rights.includes(`${verb} ${r?.resource}`),
    reason: '',
  });
  const as = (name: string, verb: string, groups = 'devs') =>
    impersonate(admin, { 'impersonate-user': name, 'impersonate-group': groups }, judge, {
      verb,
      path: '',
      resource: pods,
    });
  expect(as('bob', 'list').groups).toEqual(['devs', 'system:authenticated']);
  const refused = /cannot impersonate resource "users"/;
  expect(() => as('bob', 'delete')).toThrow(refused);
  expect(() => as('bob', 'list', 'system:masters')).toThrow(refused);
  expect(() => as('system:node:here', 'list')).toThrow(refused);
});

test('a node or an account is impersonated by its name alone, and has its own groups', () => {
  const judge =
    (mode: string): Authorizer =>
    ({ verb }) => ({
      allowed: verb === `impersonate:${mode}` || verb === `impersonate-on:${mode}:list`,
      reason: '',
    });
  const node = { 'impersonate-user': 'system:node:here' };
  expect(impersonate(admin, node, judge('arbitrary-node'), request).groups).toEqual([
    'system:nodes',
    'system:authenticated',
  ]);
  expect(() => impersonate(admin, node, judge('user-info'), request)).toThrow('cannot impersonate');
  expect(() => impersonate(admin, { ...node, 'impersonate-uid': 'u' }, judge('arbitrary-node'), request)).toThrow();
  const account = { 'impersonate-user': 'system:serviceaccount:shop:web' };
  expect(impersonate(admin, account, judge('serviceaccount'), request).groups).toContain('system:serviceaccounts:shop');
});
