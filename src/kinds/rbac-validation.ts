import { index, notSupported, required } from '../machinery/field-path.ts';
import { isPathSegment } from '../machinery/names.ts';
import type { Draft, RbacSubject, RoleBinding, Sparse } from './types.ts';
import { type Findings, validateImmutable, validateName } from './validation.ts';

type Binding = Draft<RoleBinding>;

const GROUP = 'rbac.authorization.k8s.io';

function validateSubject(subject: Sparse<RbacSubject>, path: string, namespaced: boolean): Findings {
  const { kind = '', name = '', namespace = '', apiGroup = '' } = subject;
  const named = name === '' ? [required(`${path}.name`)] : [];
  switch (kind) {
    case 'ServiceAccount':
      return [
        ...named,
        ...(apiGroup === '' ? [] : [notSupported(`${path}.apiGroup`, apiGroup, [''])]),
        ...(namespaced || namespace !== '' ? [] : [required(`${path}.namespace`)]),
      ];
    case 'User':
    case 'Group':
      return [...named, ...(apiGroup === GROUP ? [] : [notSupported(`${path}.apiGroup`, apiGroup, [GROUP])])];
    default:
      return [...named, notSupported(`${path}.kind`, kind, ['ServiceAccount', 'User', 'Group'])];
  }
}

/** `ValidateRoleBinding` and `ValidateClusterRoleBinding`; `roleKinds` are what may be granted. */
export function validateRoleBinding(binding: Binding, roleKinds: readonly string[]): Findings {
  const { apiGroup = '', kind = '', name = '' } = binding.roleRef ?? {};
  const namespaced = roleKinds.includes('Role');
  return [
    ...(apiGroup === GROUP ? [] : [notSupported('roleRef.apiGroup', apiGroup, [GROUP])]),
    ...(roleKinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, roleKinds)]),
    ...(name === '' ? [required('roleRef.name')] : validateName(isPathSegment, name, 'roleRef.name')),
    ...(binding.subjects ?? []).flatMap((subject, position) =>
      validateSubject(subject, index('subjects', position), namespaced),
    ),
  ];
}

/** A binding's role stays: delete and recreate it instead. */
export function validateRoleBindingUpdate(binding: Binding, old: Binding): Findings {
  return validateImmutable(binding.roleRef, old.roleRef, 'roleRef', 'cannot change roleRef');
}
