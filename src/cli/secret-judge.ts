import { missingRights, type SecretJudge } from '../admission/route-external-certificate.ts';
import type { Authorizer } from '../auth/authenticator.ts';
import { createAuthorizer } from '../auth/rbac/rbac-authorizer.ts';
import type { RbacLookup } from '../kinds/policy-rules/rbac-lookup.ts';

/** Roles and bindings as the one word that admission wants of them. */
export function secretJudge(authorize: Authorizer): SecretJudge {
  return ({ user: name, verb, namespace, name: secret }) => {
    const user = { name, uid: '', groups: [], extra: {} };
    const resource = { group: '', version: '*', resource: 'secrets', subresource: '', namespace, name: secret };
    return authorize({ user, verb, path: '', resource }).allowed;
  };
}

/** Says why the router may not show a Secret's certificate, by roles and bindings as they are then; undefined when it may. */
export function routerRights(lookup: RbacLookup): (namespace: string, name: string) => string | undefined {
  const mayRead = secretJudge(createAuthorizer(lookup));
  return (namespace, name) => missingRights(namespace, name, mayRead)[0];
}
