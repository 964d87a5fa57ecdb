import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../kinds/types.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import type { Registry } from '../registry/registry.ts';
import type { Controller } from './controller.ts';
import { nameOf, namespaceOf, objectKey } from './meta.ts';
import { bindsOtherRole, isProtected, reconcileBinding, reconcileRole } from './rbac/reconcile-default.ts';
import { kindOf, type Resource, resourceOf } from './resources.ts';
import { createUnlessThere } from './service-account-defaults.ts';

const GROUP = 'rbac.authorization.k8s.io';

/** The roles and bindings that every cluster has. */
export interface DefaultRbacObjects {
  readonly clusterRoles: readonly ClusterRole[];
  readonly clusterRoleBindings: readonly ClusterRoleBinding[];
  readonly roles: readonly Role[];
  readonly roleBindings: readonly RoleBinding[];
}

type Ensure = () => Promise<void>;

function ensureRole<T extends Role | ClusterRole>(resource: Resource<T>, wanted: T): Ensure {
  return async () => {
    const stored = resource.find(namespaceOf(wanted), nameOf(wanted));
    if (stored === undefined) return createUnlessThere(() => resource.create(wanted));
    if (isProtected(stored)) return;
    await resource.modify(stored, (current) => reconcileRole(current, wanted));
  };
}

function ensureBinding<T extends RoleBinding | ClusterRoleBinding>(resource: Resource<T>, wanted: T): Ensure {
  return async () => {
    const stored = resource.find(namespaceOf(wanted), nameOf(wanted));
    if (stored !== undefined && isProtected(stored)) return;
    if (stored !== undefined && bindsOtherRole(stored, wanted)) await resource.delete(stored);
    else if (stored !== undefined) {
      await resource.modify(stored, (current) => reconcileBinding(current, wanted));
      return;
    }
    await createUnlessThere(() => resource.create(wanted));
  };
}

function ensures(registry: Registry, objects: DefaultRbacObjects): ReadonlyMap<string, Ensure> {
  const of = <T extends KubernetesObject>(plural: string): Resource<T> =>
    resourceOf<T>(registry, kindOf(registry, `${GROUP}/${plural}`));
  const [clusterRoles, clusterRoleBindings] = [
    of<ClusterRole>('clusterroles'),
    of<ClusterRoleBinding>('clusterrolebindings'),
  ];
  const [roles, roleBindings] = [of<Role>('roles'), of<RoleBinding>('rolebindings')];
  return new Map<string, Ensure>([
    ...objects.clusterRoles.map((each) => [`clusterroles${objectKey(each)}`, ensureRole(clusterRoles, each)] as const),
    ...objects.roles.map((each) => [`roles/${objectKey(each)}`, ensureRole(roles, each)] as const),
    ...objects.clusterRoleBindings.map(
      (each) => [`clusterrolebindings${objectKey(each)}`, ensureBinding(clusterRoleBindings, each)] as const,
    ),
    ...objects.roleBindings.map(
      (each) => [`rolebindings/${objectKey(each)}`, ensureBinding(roleBindings, each)] as const,
    ),
  ]);
}

/**
 * Makes the default roles and bindings and gives them what they lack, at start and at every resync, as kube-apiserver
 * does at start. `autoupdate: "false"` on an object leaves it alone.
 */
export function rbacBootstrap({
  registry,
  objects,
}: {
  readonly registry: Registry;
  readonly objects: DefaultRbacObjects;
}): Controller {
  const byKey = ensures(registry, objects);
  const namespaces = new Set([...objects.roles, ...objects.roleBindings].map(namespaceOf));
  const keysIn = (namespace: string): readonly string[] =>
    [...byKey.keys()].filter((key) => key.includes(`s/${namespace}/`));
  return {
    name: 'rbac-bootstrap',
    inputs: [
      {
        resource: '/namespaces',
        keys: ({ type, entry }) =>
          type === 'ADDED' && namespaces.has(nameOf(entry.object)) ? keysIn(nameOf(entry.object)) : [],
      },
    ],
    outputs: [{ what: `${GROUP} default roles and bindings`, mode: 'exclusive' }],
    extraKeys: async () => [...byKey.keys()],
    reconcile: async (key) => {
      await byKey.get(key)?.();
      return undefined;
    },
  };
}
