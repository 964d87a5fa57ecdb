import type { RbacLookup } from '../../kinds/policy-rules/rbac-lookup.ts';
import type { Authorizer, Decision, RequestAttributes } from '../authenticator.ts';
import { aggregateErrors, grantsOf } from './effective-rules.ts';
import { ruleAllows } from './rule-allows.ts';
import { describeGrant } from './subjects.ts';

/**
 * RBAC as upstream decides it: whatever a bound role allows is allowed, nothing else. The reason names the binding,
 * or what went wrong with those that couldn't be judged.
 */
export function createRbacAuthorizer(lookup: RbacLookup): Authorizer {
  return (attributes) => decide(lookup, attributes);
}

function decide(lookup: RbacLookup, attributes: RequestAttributes): Decision {
  const errors: string[] = [];
  for (const grant of grantsOf(lookup, attributes.user, attributes.resource?.namespace ?? '')) {
    if ('error' in grant) errors.push(grant.error);
    else if (grant.rules.some((rule) => ruleAllows(rule, attributes))) {
      return { allowed: true, reason: `RBAC: allowed by ${describeGrant(grant.applying)}` };
    }
  }
  return { allowed: false, reason: errors.length === 0 ? '' : `RBAC: ${aggregateErrors(errors)}` };
}

/** `system:masters` may do everything, whatever the bindings say: nobody can lock the admin out. */
export const MASTERS = 'system:masters';

/** Whoever supervises the server may ask after its health, also before there are any roles. */
const HEALTH: ReadonlySet<string> = new Set(['/healthz', '/livez', '/readyz']);

/** The house's authorizer: masters first, then health, then RBAC. */
export function createAuthorizer(lookup: RbacLookup): Authorizer {
  const rbac = createRbacAuthorizer(lookup);
  return (attributes) => {
    const { user, resource, verb, path } = attributes;
    const health = resource === undefined && verb === 'get' && HEALTH.has(path);
    return health || user.groups.includes(MASTERS) ? { allowed: true, reason: '' } : rbac(attributes);
  };
}
