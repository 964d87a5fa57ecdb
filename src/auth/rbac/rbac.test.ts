import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PolicyRule } from '../../kinds/policy-rules/policy-rule.ts';
import type { RbacLookup } from '../../kinds/policy-rules/rbac-lookup.ts';
import type { ClusterRole, ClusterRoleBinding, RbacSubject, RoleBinding } from '../../kinds/types.ts';
import type { RequestAttributes, UserInfo } from '../authenticator.ts';
import { rulesFor } from './effective-rules.ts';
import { createEscalationCheck } from './escalation.ts';
import { createAuthorizer, createRbacAuthorizer } from './rbac-authorizer.ts';
import { createRbacLookup, type RbacSource } from './rbac-cache.ts';
import { ruleAllows } from './rule-allows.ts';
import { bindingsOf } from './subjects.ts';

type Resource = NonNullable<RequestAttributes['resource']>;

const bob: UserInfo = { name: 'bob', uid: '', groups: ['devs', 'system:authenticated'], extra: {} };

function asks(verb: string, resource: Partial<Resource> | string, user = bob): RequestAttributes {
  if (typeof resource === 'string') return { user, verb, path: resource };
  const base = { group: '', version: 'v1', resource: 'pods', subresource: '', namespace: 'shop', name: '' };
  return { user, verb, path: '', resource: { ...base, ...resource } };
}

describe('a rule', () => {
  const pods = { verbs: ['get'], apiGroups: [''], resources: ['pods', 'pods/log'] };

  test('allows its verbs on its resources and subresources only', () => {
    expect([
      ruleAllows(pods, asks('get', {})),
      ruleAllows(pods, asks('get', { subresource: 'log', name: 'a' })),
      ruleAllows(pods, asks('get', { subresource: 'exec', name: 'a' })),
      ruleAllows(pods, asks('list', {})),
      ruleAllows(pods, asks('get', { group: 'apps' })),
      ruleAllows(pods, asks('get', '/pods')),
    ]).toEqual([true, true, false, false, false, false]);
  });

  test('names a subresource of everything with */', () => {
    const scale = { verbs: ['*'], apiGroups: ['*'], resources: ['*/scale'] };
    expect([
      ruleAllows(scale, asks('update', { group: 'apps', resource: 'deployments', subresource: 'scale' })),
      ruleAllows(scale, asks('update', { group: 'apps', resource: 'deployments' })),
      ruleAllows(scale, asks('update', { resource: 'pods', subresource: 'upscale' })),
    ]).toEqual([true, false, false]);
  });

  test('with names says nothing about requests without one', () => {
    const one = { ...pods, resourceNames: ['web'] };
    expect([
      ruleAllows(one, asks('get', { name: 'web' })),
      ruleAllows(one, asks('get', { name: 'db' })),
      ruleAllows(one, asks('get', {})),
    ]).toEqual([true, false, false]);
  });

  test('covers paths exactly or by a prefix before *', () => {
    const paths = { verbs: ['get'], nonResourceURLs: ['/healthz', '/metrics/*'] };
    const allowed = ['/healthz', '/healthz/ping', '/metrics/', '/metrics/slis', '/metrics'].map((path) =>
      ruleAllows(paths, asks('get', path)),
    );
    expect(allowed).toEqual([true, false, true, true, false]);
    expect(ruleAllows({ verbs: ['*'], nonResourceURLs: ['*'] }, asks('post', '/x'))).toBe(true);
  });

  test('allows exactly what it allows when every part of it is tried alone', () => {
    const some = <T>(...values: readonly T[]) => fc.uniqueArray(fc.constantFrom(...values), { maxLength: 3 });
    const rule = fc.record({
      verbs: some('*', 'get', 'list'),
      apiGroups: some('*', '', 'apps'),
      resources: some('*', 'pods', 'pods/log', '*/log', 'deployments'),
      resourceNames: some('a', 'b'),
    });
    const request = fc.record({
      verb: fc.constantFrom('get', 'list', 'watch'),
      group: fc.constantFrom('', 'apps'),
      resource: fc.constantFrom('pods', 'deployments'),
      subresource: fc.constantFrom('', 'log'),
      name: fc.constantFrom('', 'a'),
    });
    type Request = { verb: string; group: string; resource: string; subresource: string; name: string };
    const naive = (r: PolicyRule, { verb, group, resource, subresource, name }: Request) => {
      const full = subresource ? [`${resource}/${subresource}`, `*/${subresource}`] : [resource];
      const parts = [r.verbs, r.apiGroups, r.resources, r.resourceNames?.length ? r.resourceNames : [name]];
      const fits = [[verb, '*'], [group, '*'], [...full, '*'], [name]];
      return parts.every((values, at) => values?.some((value) => fits[at]?.includes(value)));
    };
    fc.assert(
      fc.property(rule, request, (r, q) => {
        expect(ruleAllows(r, asks(q.verb, q))).toBe(naive(r, q));
      }),
      { numRuns: 500 },
    );
  });
});

const GROUP = 'rbac.authorization.k8s.io';
const view = { metadata: { name: 'view' }, rules: [{ verbs: ['list'], apiGroups: [''], resources: ['pods'] }] };

function bind(name: string, role: string, subject: RbacSubject, namespace = ''): ClusterRoleBinding & RoleBinding {
  const roleRef = { apiGroup: GROUP, kind: 'ClusterRole', name: role };
  return { metadata: { name, ...(namespace && { namespace }) }, roleRef, subjects: [subject] };
}

function lookupOf(parts: {
  cluster?: readonly ClusterRoleBinding[];
  shop?: readonly RoleBinding[];
  roles?: readonly ClusterRole[];
}): RbacLookup {
  const { cluster = [], shop = [], roles = [view] } = parts;
  return {
    clusterRoleBindings: () => cluster,
    roleBindings: (namespace) => (namespace === 'shop' ? shop : []),
    role: () => undefined,
    clusterRole: (name) => roles.find((role) => role.metadata?.name === name),
  };
}

const devs: RbacSubject = { kind: 'Group', apiGroup: GROUP, name: 'devs' };

describe('RBAC', () => {
  test('allows what a bound role allows and says which binding it was', () => {
    const everywhere = createRbacAuthorizer(lookupOf({ cluster: [bind('b', 'view', devs)] }));
    expect(everywhere(asks('list', {}))).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by ClusterRoleBinding "b" of ClusterRole "view" to Group "devs"',
    });
    expect(everywhere(asks('list', { resource: 'secrets' }))).toEqual({ allowed: false, reason: '' });
  });

  test('keeps a RoleBinding to its namespace', () => {
    const builder: RbacSubject = { kind: 'ServiceAccount', name: 'builder' };
    const authorize = createRbacAuthorizer(lookupOf({ shop: [bind('b', 'view', builder, 'shop')] }));
    const user = { ...bob, name: 'system:serviceaccount:shop:builder' };
    expect(authorize(asks('list', {}, user))).toEqual({
      allowed: true,
      reason: 'RBAC: allowed by RoleBinding "b/shop" of ClusterRole "view" to ServiceAccount "builder/shop"',
    });
    expect(authorize(asks('list', { namespace: 'other' }, user)).allowed).toBe(false);
    expect(authorize(asks('list', { namespace: '' }, user)).allowed).toBe(false);
  });

  test('tells about roles that are bound and missing', () => {
    const lookup = lookupOf({ cluster: [bind('a', 'gone', devs), bind('b', 'lost', devs)] });
    expect(createRbacAuthorizer(lookup)(asks('list', {})).reason).toBe(
      `RBAC: [clusterrole.${GROUP} "gone" not found, clusterrole.${GROUP} "lost" not found]`,
    );
    expect(rulesFor(lookup, bob, '').errors).toHaveLength(2);
  });

  test('never stands in the way of masters, nor of a health check', () => {
    const authorize = createAuthorizer(lookupOf({}));
    expect(authorize(asks('delete', {}, { ...bob, groups: ['system:masters'] })).allowed).toBe(true);
    expect(authorize(asks('get', '/readyz')).allowed).toBe(true);
    expect(authorize(asks('get', '/readyz/ping')).allowed).toBe(false);
  });

  test('finds the bindings of a user by subject as a scan would', () => {
    const name = fc.constantFrom('bob', 'devs', 'system:authenticated', 'eve');
    const subject = fc.oneof(
      fc.record({ kind: fc.constantFrom('User', 'Group'), name }),
      fc.record({ kind: fc.constant('ServiceAccount'), name, namespace: fc.constantFrom('shop', '') }),
    );
    const account = { ...bob, name: 'system:serviceaccount:shop:bob' };
    fc.assert(
      fc.property(fc.array(fc.array(subject, { maxLength: 3 }), { maxLength: 6 }), (lists) => {
        const bindings = lists.map((subjects, at) => ({ ...bind(`b${at}`, 'view', devs), subjects }));
        for (const user of [bob, account]) {
          const applies = (s: RbacSubject) =>
            (s.kind === 'User' && s.name === user.name) ||
            (s.kind === 'Group' && user.groups.includes(s.name)) ||
            (s.kind === 'ServiceAccount' && user.name === `system:serviceaccount:${s.namespace}:${s.name}`);
          const wanted = bindings.flatMap((b) => b.subjects.filter(applies).map((s) => [b.metadata?.name, s.name]));
          const found = bindingsOf(user, bindings).map((a) => [a.binding.metadata?.name, a.subject.name]);
          expect(found.map(String).sort()).toEqual(wanted.map(String).sort());
          expect(found.map(([b]) => String(b))).toEqual(found.map(([b]) => String(b)).toSorted());
        }
      }),
    );
  });
});

test('lists are read again only after a change, and only those that changed', () => {
  const reads: string[] = [];
  const listeners: ((object: RoleBinding) => void)[] = [];
  const source = <T>(list: readonly T[]): RbacSource<never> =>
    ({
      find: () => undefined,
      list: (namespace = '') => {
        reads.push(namespace);
        return [...list];
      },
      subscribe: (changed: (object: RoleBinding) => void) => listeners.push(changed),
    }) as unknown as RbacSource<never>;
  const bindings = source([bind('b', 'view', devs, 'shop')]);
  const none = source([]);
  const lookup = createRbacLookup({
    clusterRoles: none,
    clusterRoleBindings: none,
    roles: none,
    roleBindings: bindings,
  });
  expect(lookup.roleBindings('shop')).toBe(lookup.roleBindings('shop'));
  lookup.roleBindings('other');
  expect(reads).toEqual(['shop', 'other']);
  for (const changed of listeners) changed(bind('b', 'view', devs, 'shop'));
  lookup.roleBindings('shop');
  lookup.roleBindings('other');
  expect(reads).toEqual(['shop', 'other', 'shop']);
});

describe('escalation', () => {
  const wanted: ClusterRole = {
    metadata: { name: 'x' },
    rules: [
      { verbs: ['list', 'get'], apiGroups: ['', 'apps'], resources: ['pods'] },
      { verbs: ['get'], nonResourceURLs: ['/metrics'] },
    ],
  };

  function check(lookup: RbacLookup) {
    return createEscalationCheck(lookup, createAuthorizer(lookup));
  }

  test('names what the writer lacks, compactly and in order', () => {
    const lookup = lookupOf({ cluster: [bind('b', 'view', devs)] });
    expect(check(lookup).role(bob, wanted)).toBe(
      [
        'user "bob" (groups=["devs" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:',
        '{APIGroups:[""], Resources:["pods"], Verbs:["get"]}',
        '{APIGroups:["apps"], Resources:["pods"], Verbs:["list" "get"]}',
        '{NonResourceURLs:["/metrics"], Verbs:["get"]}',
      ].join('\n'),
    );
    expect(check(lookup).role(bob, view)).toBeUndefined();
    expect(check(lookup).role({ ...bob, groups: ['system:masters'] }, wanted)).toBeUndefined();
  });

  test('is allowed to those who may escalate or bind', () => {
    const powers: ClusterRole = {
      metadata: { name: 'powers' },
      rules: [{ verbs: ['escalate', 'bind'], apiGroups: [GROUP], resources: ['clusterroles'], resourceNames: ['x'] }],
    };
    const lookup = lookupOf({ cluster: [bind('b', 'powers', devs)], roles: [powers, wanted] });
    expect(check(lookup).role(bob, wanted)).toBeUndefined();
    expect(check(lookup).binding(bob, bind('n', 'x', devs))).toBeUndefined();
    expect(check(lookup).binding(bob, bind('n', 'powers', devs))).toBeUndefined();
  });

  test('by an aggregated role takes everything', () => {
    const aggregated: ClusterRole = { ...view, aggregationRule: { clusterRoleSelectors: [] } };
    const lookup = lookupOf({ cluster: [bind('b', 'view', devs)] });
    expect(check(lookup).role(bob, aggregated)).toBe('must have cluster-admin privileges to use the aggregationRule');
  });

  test('by a binding of a role that does not exist is not found', () => {
    const refusal = check(lookupOf({})).binding(bob, bind('n', 'gone', devs));
    expect(refusal).toMatchObject({ status: { code: 404, message: `clusterroles.${GROUP} "gone" not found` } });
  });
});
