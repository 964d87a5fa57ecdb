import type { Column } from '../machinery/table.ts';
import { ageColumn, column, nameColumn, wideColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { validateClusterRole, validateRole } from './policy-rules/validate-rules.ts';
import { validateRoleBinding, validateRoleBindingUpdate } from './rbac-validation.ts';
import type { ClusterRole, ClusterRoleBinding, Draft, RbacSubject, Role, RoleBinding, Sparse } from './types.ts';

type Binding = Draft<RoleBinding>;
type Subject = Sparse<RbacSubject>;

const GROUP = 'rbac.authorization.k8s.io';
const ENFORCED = { level: 'full', note: 'Every request is judged by it.' } as const;

function subjects(binding: Binding, kind: string, name: (subject: Subject) => string): string {
  return (binding.subjects ?? [])
    .filter((subject) => subject.kind === kind)
    .map(name)
    .join(', ');
}

const plainName = (subject: Subject): string => subject.name ?? '';
const accountName = (subject: Subject): string => `${subject.namespace ?? ''}/${subject.name ?? ''}`;

const bindingColumns: readonly Column<Binding>[] = [
  nameColumn,
  column('Role', 'string', 'What is granted.', (o) => `${o.roleRef?.kind ?? ''}/${o.roleRef?.name ?? ''}`),
  ageColumn,
  wideColumn('Users', 'string', 'Users that have it.', (o) => subjects(o, 'User', plainName)),
  wideColumn('Groups', 'string', 'Groups that have it.', (o) => subjects(o, 'Group', plainName)),
  wideColumn('ServiceAccounts', 'string', 'Service accounts that have it.', (o) =>
    subjects(o, 'ServiceAccount', accountName),
  ),
];

function defaultApiGroup(subject: Subject): Subject {
  if (subject.apiGroup) return subject;
  return subject.kind === 'User' || subject.kind === 'Group' ? { ...subject, apiGroup: GROUP } : subject;
}

/** `SetDefaults_RoleBinding` and that of its subjects. */
function bindingDefaults(binding: Binding): Binding {
  return {
    ...binding,
    ...(binding.roleRef ? { roleRef: { ...binding.roleRef, apiGroup: binding.roleRef.apiGroup || GROUP } } : {}),
    ...(binding.subjects ? { subjects: binding.subjects.map(defaultApiGroup) } : {}),
  };
}

/** rbac.authorization.k8s.io/v1 Role. */
export const roleKind = defineKind<Draft<Role>>({
  group: GROUP,
  kind: 'Role',
  createsOnUpdate: true,
  nameRule: 'path-segment',
  validate: validateRole,
  support: ENFORCED,
});

/** rbac.authorization.k8s.io/v1 ClusterRole. */
export const clusterRoleKind = defineKind<Draft<ClusterRole>>({
  group: GROUP,
  kind: 'ClusterRole',
  createsOnUpdate: true,
  namespaced: false,
  nameRule: 'path-segment',
  validate: validateClusterRole,
  support: ENFORCED,
});

/** rbac.authorization.k8s.io/v1 RoleBinding. */
export const roleBindingKind = defineKind<Binding>({
  group: GROUP,
  kind: 'RoleBinding',
  createsOnUpdate: true,
  nameRule: 'path-segment',
  columns: bindingColumns,
  defaults: bindingDefaults,
  validate: (binding) => validateRoleBinding(binding, ['ClusterRole', 'Role']),
  validateUpdate: validateRoleBindingUpdate,
  support: ENFORCED,
});

/** rbac.authorization.k8s.io/v1 ClusterRoleBinding. */
export const clusterRoleBindingKind = defineKind<Draft<ClusterRoleBinding>>({
  group: GROUP,
  kind: 'ClusterRoleBinding',
  createsOnUpdate: true,
  namespaced: false,
  nameRule: 'path-segment',
  columns: bindingColumns,
  defaults: bindingDefaults,
  validate: (binding) => validateRoleBinding(binding, ['ClusterRole']),
  validateUpdate: validateRoleBindingUpdate,
  support: ENFORCED,
});
