import { missingRules } from '../../kinds/policy-rules/missing-rules.ts';
import type { PolicyRule } from '../../kinds/policy-rules/policy-rule.ts';
import type { RbacLookup } from '../../kinds/policy-rules/rbac-lookup.ts';
import type { ClusterRole, Role } from '../../kinds/types.ts';
import { notFound, type StatusError } from '../../machinery/status-error.ts';
import type { Authorizer, UserInfo } from '../authenticator.ts';
import { describeRules, quoteList } from './describe-rules.ts';
import { type EffectiveRules, rulesFor, rulesOfRole } from './effective-rules.ts';
import { MASTERS } from './rbac-authorizer.ts';
import type { AnyBinding } from './subjects.ts';

const GROUP = 'rbac.authorization.k8s.io';
const EVERYTHING: readonly PolicyRule[] = [
  { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
  { nonResourceURLs: ['*'], verbs: ['*'] },
];

/** Why somebody may not write a role or binding: a sentence for a 403, or a whole error; undefined when he may. */
export type Refusal = string | StatusError | undefined;

/** Judges writes of roles and bindings. `user` is who writes. */
export interface EscalationCheck {
  /** A Role (or a ClusterRole, with namespace '') may hold only what its writer holds. */
  role(user: UserInfo, role: Role | ClusterRole): Refusal;
  /** A binding may grant only what its writer holds, unless he may `bind` the role. */
  binding(user: UserInfo, binding: AnyBinding): Refusal;
}

/** Upstream's sentence when `wanted` is more than a user holds; undefined when it isn't: `ConfirmNoEscalation`. */
export function confirmNoEscalation(
  user: UserInfo,
  held: EffectiveRules,
  wanted: readonly PolicyRule[],
): string | undefined {
  const missing = missingRules(held.rules, wanted);
  if (missing.length === 0) return undefined;
  const who = `user "${user.name}" (groups=${quoteList(user.groups)})`;
  const errors = held.errors.length === 0 ? '' : `; resolution errors: [${held.errors.join(' ')}]`;
  return `${who} is attempting to grant RBAC permissions not currently held:\n${describeRules(missing)}${errors}`;
}

function mayDo(authorize: Authorizer, user: UserInfo, verb: string, resource: string, key: Key): boolean {
  const { namespace, name } = key;
  const attributes = { group: GROUP, version: '*', resource, subresource: '', namespace, name };
  return authorize({ user, verb, path: '', resource: attributes }).allowed;
}

interface Key {
  readonly namespace: string;
  readonly name: string;
}

function placeOf({ metadata }: Role | ClusterRole | AnyBinding): Key {
  return { namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' };
}

/** Makes the checks of upstream's `policybased` storage over the rules in force. */
export function createEscalationCheck(lookup: RbacLookup, authorize: Authorizer): EscalationCheck {
  return {
    role: (user, role) => {
      if (user.groups.includes(MASTERS)) return undefined;
      const place = placeOf(role);
      const resource = place.namespace === '' ? 'clusterroles' : 'roles';
      if (mayDo(authorize, user, 'escalate', resource, place)) return undefined;
      const held = rulesFor(lookup, user, place.namespace);
      const refusal = confirmNoEscalation(user, held, role.rules ?? []);
      if (refusal !== undefined || !('aggregationRule' in role) || role.aggregationRule === undefined) return refusal;
      const everything = confirmNoEscalation(user, held, EVERYTHING) === undefined;
      return everything ? undefined : 'must have cluster-admin privileges to use the aggregationRule';
    },
    binding: (user, binding) => {
      if (user.groups.includes(MASTERS)) return undefined;
      const { roleRef } = binding;
      const { namespace } = placeOf(binding);
      const resource = roleRef.kind === 'Role' ? 'roles' : 'clusterroles';
      if (mayDo(authorize, user, 'bind', resource, { namespace, name: roleRef.name })) return undefined;
      const wanted = rulesOfRole(lookup, roleRef, namespace);
      if (wanted === undefined) return notFound({ group: GROUP, resource, name: roleRef.name });
      return confirmNoEscalation(user, rulesFor(lookup, user, namespace), wanted);
    },
  };
}
