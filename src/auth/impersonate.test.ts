import { expect, test } from 'vitest';
import type { Authorizer, UserInfo } from './authenticator.ts';
import { impersonate } from './impersonate.ts';

const admin: UserInfo = { name: 'admin', uid: '', groups: ['system:authenticated'], extra: {} };
const allow: Authorizer = () => ({ allowed: true, reason: '' });

/** Allows impersonating these: `users bob`, `userextras/scopes view`. */
function allowing(...things: readonly string[]): Authorizer {
  return ({ verb, resource: r }) => {
    const what = r && `${r.resource}${r.subresource && `/${r.subresource}`} ${r.name}`;
    return { allowed: verb === 'impersonate' && things.includes(what ?? ''), reason: '' };
  };
}

test('a request without the headers is its sender’s own', () => {
  expect(impersonate(admin, { accept: '*/*' }, allowing())).toBe(admin);
});

test('user, groups, uid and extra fields are taken from the headers', () => {
  const headers = {
    'impersonate-user': 'bob',
    'impersonate-group': 'devs, ops',
    'impersonate-uid': 'u-1',
    'impersonate-extra-acme.com%2fscopes': 'view, edit',
  };
  expect(impersonate(admin, headers, allow)).toEqual({
    name: 'bob',
    uid: 'u-1',
    groups: ['devs', 'ops', 'system:authenticated'],
    extra: { 'acme.com/scopes': ['view', 'edit'] },
  });
});

test('an account brings its groups along, anonymous is not authenticated', () => {
  expect(impersonate(admin, { 'impersonate-user': 'system:serviceaccount:shop:web' }, allow).groups).toEqual([
    'system:serviceaccounts',
    'system:serviceaccounts:shop',
    'system:authenticated',
  ]);
  expect(impersonate(admin, { 'impersonate-user': 'system:anonymous' }, allow).groups).toEqual([
    'system:unauthenticated',
  ]);
});

test('each part has to be allowed', () => {
  const headers = { 'impersonate-user': 'bob', 'impersonate-group': 'ops', 'impersonate-extra-scopes': 'view' };
  const as =
    (...things: readonly string[]) =>
    () =>
      impersonate(admin, headers, allowing(...things));
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
  expect(() => impersonate(admin, headers, allowing())).toThrow(
    'serviceaccounts "web" is forbidden: User "admin" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "shop"',
  );
});

test('groups without a user are a bad request', () => {
  expect(() => impersonate(admin, { 'impersonate-group': 'ops' }, allow)).toThrow(
    'requested [ops] without impersonating a user',
  );
});
