import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding } from '../../../kinds/types.ts';
import { allow, binding, defaultMeta, group, READ, user } from './build.ts';
import { systemRoles } from './system-roles.ts';
import { userRoles } from './user-roles.ts';

const AUTHENTICATED = group('system:authenticated');
const UNAUTHENTICATED = group('system:unauthenticated');

function bindings(): readonly ClusterRoleBinding[] {
  return [
    binding('cluster-admin', group('system:masters')),
    binding('system:monitoring', group('system:monitoring')),
    binding('system:discovery', AUTHENTICATED),
    binding('system:basic-user', AUTHENTICATED),
    binding('system:public-info-viewer', AUTHENTICATED, UNAUTHENTICATED),
    binding('system:service-account-issuer-discovery', group('system:serviceaccounts')),
    binding('system:node-proxier', user('system:kube-proxy')),
    binding('system:kube-dns', { kind: 'ServiceAccount', name: 'kube-dns', namespace: 'kube-system' }),
    binding('system:node'),
  ];
}

/** Lets aggregated API servers read how requests are authenticated. */
function authenticationReader(): Role {
  const rules = [allow(READ, '', 'configmaps', 'extension-apiserver-authentication')];
  const metadata = defaultMeta('extension-apiserver-authentication-reader', { namespace: 'kube-system' });
  return { metadata, rules } as Role;
}

/** The roles and bindings that every cluster has from the beginning. */
export interface BootstrapRbacObjects {
  readonly clusterRoles: readonly ClusterRole[];
  readonly clusterRoleBindings: readonly ClusterRoleBinding[];
  readonly roles: readonly Role[];
  readonly roleBindings: readonly RoleBinding[];
}

/**
 * The default roles and bindings (Kubernetes' "Default roles and role bindings"). Those of upstream's own controllers
 * are left out: ours are no users.
 */
export function bootstrapRbacObjects(): BootstrapRbacObjects {
  return {
    clusterRoles: [...userRoles(), ...systemRoles()],
    clusterRoleBindings: bindings(),
    roles: [authenticationReader()],
    roleBindings: [],
  };
}
