import { describe, expect, test } from 'vitest';
import { configMapKind } from '../kinds/config-map.ts';
import { clusterRoleKind, roleBindingKind } from '../kinds/rbac.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { notFound } from '../machinery/status-error.ts';
import type { AdmissionRequest } from './plugin.ts';
import { rbacEscalation } from './rbac-escalation.ts';

const lookup = { get: () => undefined, list: () => [] };
const refusing = rbacEscalation(() => ({
  role: (user) => `${user.name} may not`,
  binding: () => notFound({ group: 'rbac.authorization.k8s.io', resource: 'clusterroles', name: 'gone' }),
}));

const role = { metadata: { name: 'x', labels: {} }, rules: [] } as KubernetesObject;

function judge(request: Partial<AdmissionRequest>) {
  const user = { name: 'bob', groups: [] };
  const base = {
    operation: 'CREATE',
    kind: clusterRoleKind,
    subresource: '',
    key: { namespace: '', name: 'x' },
  } as const;
  return refusing.validate?.({ ...base, object: role, user, ...request }, lookup)?.message;
}

describe('escalation', () => {
  test('is refused for roles and bindings of users', () => {
    expect(judge({})).toBe('clusterroles.rbac.authorization.k8s.io "x" is forbidden: bob may not');
    expect(judge({ kind: roleBindingKind })).toBe('clusterroles.rbac.authorization.k8s.io "gone" not found');
  });

  test('is nothing that controllers, deletes or other kinds do', () => {
    expect([judge({ user: undefined }), judge({ operation: 'DELETE' }), judge({ kind: configMapKind })]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test('is not a matter of finalizers, but of labels, which aggregate', () => {
    const update = (metadata: object) =>
      judge({ operation: 'UPDATE', old: role, object: { ...role, metadata: { ...role.metadata, ...metadata } } });
    expect(update({ finalizers: ['a/b'], resourceVersion: '5' })).toBeUndefined();
    expect(update({ labels: { 'rbac.authorization.k8s.io/aggregate-to-admin': 'true' } })).toContain('bob may not');
  });
});
