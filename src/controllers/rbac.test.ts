import { afterEach, describe, expect, test } from 'vitest';
import { bootstrapRbacObjects } from '../auth/rbac/bootstrap/bootstrap-rbac-objects.ts';
import { namespaceKind } from '../kinds/namespace.ts';
import { missingRules } from '../kinds/policy-rules/missing-rules.ts';
import { clusterRoleBindingKind, clusterRoleKind, roleBindingKind, roleKind } from '../kinds/rbac.ts';
import type { ClusterRole, ClusterRoleBinding } from '../kinds/types.ts';
import { createFakeRegistry } from '../registry/fake-registry.ts';
import { systemClock } from './clock.ts';
import { rbacAggregation } from './rbac-aggregation.ts';
import { rbacBootstrap } from './rbac-bootstrap.ts';
import { startRuntime } from './runtime.ts';

const KINDS = [namespaceKind, clusterRoleKind, clusterRoleBindingKind, roleKind, roleBindingKind];
const quiet = () => {};
const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
let stop = new AbortController();

afterEach(() => {
  stop.abort();
  stop = new AbortController();
});

function newRegistry() {
  return createFakeRegistry(KINDS, { admission: [] });
}

async function start(registry: ReturnType<typeof newRegistry>) {
  const objects = bootstrapRbacObjects();
  const controllers = [rbacBootstrap({ registry, objects }), rbacAggregation({ registry })];
  const runtime = startRuntime(controllers, { registry, clock: systemClock, log, signal: stop.signal });
  await runtime.idle();
  return runtime;
}

function clusterRole(registry: ReturnType<typeof newRegistry>, name: string): ClusterRole {
  return registry.get(clusterRoleKind, { namespace: '', name }).object as ClusterRole;
}

describe('the default roles', () => {
  test('are all made, valid, and marked as defaults', async () => {
    const registry = newRegistry();
    await start(registry);
    const { clusterRoles, clusterRoleBindings } = bootstrapRbacObjects();
    expect(registry.list(clusterRoleKind, {}).entries).toHaveLength(clusterRoles.length);
    expect(registry.list(clusterRoleBindingKind, {}).entries).toHaveLength(clusterRoleBindings.length);
    expect(clusterRole(registry, 'cluster-admin').metadata).toMatchObject({
      labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults' },
      annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
    });
  });

  test('contain each other: admin has what edit has, which has what view has', async () => {
    const registry = newRegistry();
    await start(registry);
    const [admin, edit, view] = ['admin', 'edit', 'view'].map((name) => clusterRole(registry, name).rules ?? []);
    expect([missingRules(admin ?? [], edit ?? []), missingRules(edit ?? [], view ?? [])]).toEqual([[], []]);
    expect(missingRules(view ?? [], edit ?? []).length).toBeGreaterThan(0);
    const secrets = [{ verbs: ['get'], apiGroups: [''], resources: ['secrets'] }];
    expect(missingRules(view ?? [], secrets)).toEqual(secrets);
  });

  test('wait for their namespace', async () => {
    const registry = newRegistry();
    const runtime = await start(registry);
    await registry.create(namespaceKind, { metadata: { name: 'kube-system' } });
    await runtime.idle();
    expect(registry.list(roleKind, { namespace: 'kube-system' }).entries).toHaveLength(1);
  });

  test('get back what they lack and keep what was added, unless they are the administrator’s', async () => {
    const registry = newRegistry();
    const extra = { verbs: ['get'], apiGroups: ['acme.com'], resources: ['things'] };
    const annotations = { 'rbac.authorization.kubernetes.io/autoupdate': 'false' };
    await registry.create(clusterRoleKind, { metadata: { name: 'system:discovery' }, rules: [extra] });
    await registry.create(clusterRoleKind, { metadata: { name: 'system:basic-user', annotations }, rules: [extra] });
    const roleRef = { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:basic-user' };
    await registry.create(clusterRoleBindingKind, { metadata: { name: 'cluster-admin' }, roleRef });
    await start(registry);
    const discovery = clusterRole(registry, 'system:discovery').rules ?? [];
    expect(discovery[0]).toEqual(extra);
    expect(missingRules(discovery, [{ verbs: ['get'], nonResourceURLs: ['/apis/*', '/version'] }])).toEqual([]);
    expect(clusterRole(registry, 'system:basic-user').rules).toEqual([extra]);
    const binding = registry.get(clusterRoleBindingKind, { namespace: '', name: 'cluster-admin' }).object;
    expect((binding as ClusterRoleBinding).roleRef.name).toBe('cluster-admin');
  });

  test('are not written again when nothing is missing', async () => {
    const registry = newRegistry();
    await start(registry);
    const { revision } = registry;
    stop.abort();
    stop = new AbortController();
    await start(registry);
    expect(registry.revision).toBe(revision);
  });
});

test('an aggregated role follows the roles that it selects', async () => {
  const registry = newRegistry();
  const runtime = await start(registry);
  const labels = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' };
  const rule = { verbs: ['get'], apiGroups: ['acme.com'], resources: ['things'] };
  await registry.create(clusterRoleKind, { metadata: { name: 'things', labels }, rules: [rule] });
  await runtime.idle();
  expect(clusterRole(registry, 'view').rules).toContainEqual(rule);
  expect(clusterRole(registry, 'admin').rules).toContainEqual(rule);
  await registry.delete(clusterRoleKind, { namespace: '', name: 'things' });
  await runtime.idle();
  expect(clusterRole(registry, 'admin').rules).not.toContainEqual(rule);
});
