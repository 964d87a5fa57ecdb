import type { RbacLookup } from '../../kinds/policy-rules/rbac-lookup.ts';
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../kinds/types.ts';
import { type KubernetesObject, keyOf } from '../../machinery/object.ts';

/** The stored objects of one kind: reads that see all durable writes, and word of every change. */
export interface RbacSource<T extends KubernetesObject> {
  find(namespace: string, name: string): T | undefined;
  /** All of a namespace, or all there are. */
  list(namespace?: string): readonly T[];
  /** Calls back with the namespaces ('' for cluster-scoped objects) in which something has changed. */
  subscribe(changed: (object: KubernetesObject) => void): void;
}

/** Where roles and bindings are stored. */
export interface RbacSources {
  readonly clusterRoles: RbacSource<ClusterRole>;
  readonly clusterRoleBindings: RbacSource<ClusterRoleBinding>;
  readonly roles: RbacSource<Role>;
  readonly roleBindings: RbacSource<RoleBinding>;
}

/** Keeps the list of each namespace until something in it changes. */
function cachedLists<T extends KubernetesObject>(source: RbacSource<T>): (namespace: string) => readonly T[] {
  const lists = new Map<string, readonly T[]>();
  source.subscribe((object) => lists.delete(keyOf(object).namespace));
  return (namespace) => {
    const known = lists.get(namespace);
    if (known !== undefined) return known;
    const list = namespace === '' ? source.list() : source.list(namespace);
    if (list.length > 0) lists.set(namespace, list);
    return list;
  };
}

/** RBAC's view of the store: lists are read again only after a change, so that their indexes last. */
export function createRbacLookup(sources: RbacSources): RbacLookup {
  const clusterRoleBindings = cachedLists(sources.clusterRoleBindings);
  const roleBindings = cachedLists(sources.roleBindings);
  return {
    clusterRoleBindings: () => clusterRoleBindings(''),
    roleBindings,
    role: (namespace, name) => sources.roles.find(namespace, name),
    clusterRole: (name) => sources.clusterRoles.find('', name),
  };
}
