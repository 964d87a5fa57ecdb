import { accountUserName } from '../rbac/subjects.ts';
import type { TokenKey } from './json-web-token.ts';
import type { AccountClaims, TokenClaims } from './token-claims.ts';

/** What a token shall say. */
export interface TokenOrder {
  readonly account: AccountClaims;
  readonly audiences: readonly string[];
  readonly lifeSeconds: number;
}

/** What signing a token takes beside the order. */
export interface TokenIssuer {
  readonly key: TokenKey;
  readonly issuer: string;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Makes a token's unique id. */
  readonly uuid: () => string;
}

/** A signed token and when it ends, in milliseconds since 1970. */
export interface IssuedToken {
  readonly token: string;
  readonly expires: number;
}

/** Signs a ServiceAccount's token. */
export function issueToken({ key, issuer, clock, uuid }: TokenIssuer, order: TokenOrder): IssuedToken {
  const { account, audiences, lifeSeconds } = order;
  const now = clock();
  const seconds = Math.floor(now / 1000);
  const claims: TokenClaims = {
    aud: audiences,
    exp: seconds + lifeSeconds,
    iat: seconds,
    iss: issuer,
    jti: uuid(),
    'kubernetes.io': account,
    nbf: seconds,
    sub: accountUserName(account.namespace, account.serviceaccount.name),
  };
  return { token: key.sign(claims), expires: now + lifeSeconds * 1000 };
}
