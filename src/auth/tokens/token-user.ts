import type { UserInfo } from '../authenticator.ts';
import { accountUserName } from '../rbac/subjects.ts';
import type { ObjectClaim, TokenClaims } from './token-claims.ts';

const PREFIX = 'authentication.kubernetes.io/';

/** Groups of every ServiceAccount of a namespace, but for `system:authenticated`. */
export function accountGroups(namespace: string): readonly string[] {
  return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}

function extraOf(name: 'pod' | 'node', claim: ObjectClaim | undefined): UserInfo['extra'] {
  if (claim === undefined) return {};
  const uid = claim.uid === undefined ? {} : { [`${PREFIX}${name}-uid`]: [claim.uid] };
  return { [`${PREFIX}${name}-name`]: [claim.name], ...uid };
}

/** Who a token speaks for. */
export function tokenUser({ jti, 'kubernetes.io': account }: TokenClaims): UserInfo {
  const { namespace, serviceaccount, pod, node } = account;
  return {
    name: accountUserName(namespace, serviceaccount.name),
    uid: serviceaccount.uid ?? '',
    groups: [...accountGroups(namespace), 'system:authenticated'],
    extra: {
      ...(jti === undefined ? {} : { [`${PREFIX}credential-id`]: [`JTI=${jti}`] }),
      ...extraOf('node', node),
      ...extraOf('pod', pod),
    },
  };
}
