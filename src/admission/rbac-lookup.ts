import type { RbacLookup } from '../kinds/policy-rules/rbac-lookup.ts';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../kinds/types.ts';
import type { KubernetesObject, ObjectKey } from '../machinery/object.ts';
import type { AdmissionLookup } from './plugin.ts';

const GROUP = 'rbac.authorization.k8s.io';

/** Roles and bindings as authorizers look them up. */
export function rbacLookup(lookup: AdmissionLookup): RbacLookup {
  const find = <T extends KubernetesObject>(plural: string, key: ObjectKey): T | undefined =>
    lookup.get(`${GROUP}/${plural}`, key) as T | undefined;
  const list = <T extends KubernetesObject>(plural: string): readonly T[] =>
    lookup.list(`${GROUP}/${plural}`) as readonly T[];
  return {
    clusterRoleBindings: () => list<ClusterRoleBinding>('clusterrolebindings'),
    roleBindings: (namespace) =>
      list<RoleBinding>('rolebindings').filter((each) => each.metadata?.namespace === namespace),
    role: (namespace, name) => find<Role>('roles', { namespace, name }),
    clusterRole: (name) => find<ClusterRole>('clusterroles', { namespace: '', name }),
  };
}
