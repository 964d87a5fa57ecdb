import type { PolicyRule } from '../../kinds/policy-rules/policy-rule.ts';
import type { RbacLookup } from '../../kinds/policy-rules/rbac-lookup.ts';
import type { UserInfo } from '../authenticator.ts';
import { type AnyBinding, type Applying, bindingsOf } from './subjects.ts';

/** The rules that one binding gives somebody, or why they couldn't be found. */
export type Grant =
  | { readonly applying: Applying; readonly rules: readonly PolicyRule[] }
  | { readonly applying: Applying; readonly error: string };

/** The rules of a binding's role; undefined when there is no such role. */
export function rulesOfRole(
  lookup: RbacLookup,
  roleRef: AnyBinding['roleRef'],
  namespace: string,
): readonly PolicyRule[] | undefined {
  const role = roleRef.kind === 'Role' ? lookup.role(namespace, roleRef.name) : lookup.clusterRole(roleRef.name);
  return role === undefined ? undefined : (role.rules ?? []);
}

function grantOf(lookup: RbacLookup, applying: Applying): Grant {
  const { roleRef, metadata } = applying.binding;
  const rules = rulesOfRole(lookup, roleRef, metadata?.namespace ?? '');
  if (rules !== undefined) return { applying, rules };
  const error = `${roleRef.kind.toLowerCase()}.rbac.authorization.k8s.io "${roleRef.name}" not found`;
  return { applying, error };
}

/** Grants in the whole cluster, then those in the namespace; `namespace` is '' for none. One at a time. */
export function* grantsOf(lookup: RbacLookup, user: UserInfo, namespace: string): Generator<Grant> {
  for (const applying of bindingsOf(user, lookup.clusterRoleBindings())) yield grantOf(lookup, applying);
  if (namespace === '') return;
  for (const applying of bindingsOf(user, lookup.roleBindings(namespace))) yield grantOf(lookup, applying);
}

/** Everything that somebody may do in a namespace. */
export interface EffectiveRules {
  readonly rules: readonly PolicyRule[];
  /** Roles that bindings name and that don't exist. */
  readonly errors: readonly string[];
}

/** `RulesFor` of upstream's rule resolver: cluster-wide rules and those of the namespace ('' for none). */
export function rulesFor(lookup: RbacLookup, user: UserInfo, namespace: string): EffectiveRules {
  const rules: PolicyRule[] = [];
  const errors: string[] = [];
  for (const grant of grantsOf(lookup, user, namespace)) {
    if ('error' in grant) errors.push(grant.error);
    else rules.push(...grant.rules);
  }
  return { rules, errors };
}

/** Go's aggregate of errors as one text. */
export function aggregateErrors(errors: readonly string[]): string {
  const once = [...new Set(errors)];
  return once.length === 1 ? (once[0] ?? '') : `[${once.join(', ')}]`;
}
