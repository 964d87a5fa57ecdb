import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../types.ts';

/**
 * What RBAC reads. The lists are values: the same array means that nothing has changed, so that what was computed
 * from it still holds.
 */
export interface RbacLookup {
  clusterRoleBindings(): readonly ClusterRoleBinding[];
  roleBindings(namespace: string): readonly RoleBinding[];
  role(namespace: string, name: string): Role | undefined;
  clusterRole(name: string): ClusterRole | undefined;
}
