import { unauthorized } from '../../machinery/status-error.ts';
import type { Authenticator } from '../authenticate.ts';
import type { UserInfo } from '../authenticator.ts';
import { quoteList } from '../rbac/describe-rules.ts';
import type { AccountLookup } from './account-lookup.ts';
import type { TokenKey } from './json-web-token.ts';
import { judgeClaims } from './judge-claims.ts';
import { readClaims, type TokenClaims } from './token-claims.ts';
import { tokenUser } from './token-user.ts';

/** The issuer of our tokens, and the audience of those that are meant for the API server. */
export const DEFAULT_ISSUER = 'https://kubernetes.default.svc.cluster.local';

/** What a token proves, or why it proves nothing. */
export type TokenJudgement =
  | { readonly ok: true; readonly user: UserInfo; readonly audiences: readonly string[] }
  | { readonly ok: false; readonly error: string };

/** Judges a token for the given audiences; it must be meant for one of them. */
export type TokenJudge = (token: string, audiences: readonly string[]) => TokenJudgement;

/** What tokens are judged by. */
export interface TokenAuthority {
  readonly key: TokenKey;
  readonly issuer: string;
  readonly lookup: AccountLookup;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Signatures that were found good, so that a client's every request doesn't cost an elliptic-curve operation. */
const REMEMBERED = 1024;

/** Verifies signatures with a memory of the last good ones. */
function rememberingVerifier(key: TokenKey): (token: string) => TokenClaims | undefined {
  const known = new Map<string, TokenClaims>();
  return (token) => {
    const remembered = known.get(token);
    if (remembered !== undefined) return remembered;
    const verified = key.verify(token);
    const claims = verified && readClaims(verified);
    if (claims === undefined) return undefined;
    const [oldest] = known.keys();
    if (known.size >= REMEMBERED && oldest !== undefined) known.delete(oldest);
    known.set(token, claims);
    return claims;
  };
}

/** Makes the judge of ServiceAccount tokens. Times and bound objects are looked at each time. */
export function createTokenJudge({ key, issuer, lookup, clock }: TokenAuthority): TokenJudge {
  const verify = rememberingVerifier(key);
  return (token, audiences) => {
    const claims = verify(token);
    if (claims === undefined || claims.iss !== issuer) return { ok: false, error: 'invalid bearer token' };
    const meant = claims.aud.filter((audience) => audiences.includes(audience));
    if (meant.length === 0) {
      const wrong = `token audiences ${quoteList(claims.aud)} is invalid for the target audiences ${quoteList(audiences)}`;
      return { ok: false, error: `[invalid bearer token, ${wrong}]` };
    }
    const why = judgeClaims(claims, lookup, clock() / 1000);
    if (why !== undefined) return { ok: false, error: `[invalid bearer token, ${why}]` };
    return { ok: true, user: tokenUser(claims), audiences: meant };
  };
}

/** Authenticates `Authorization: Bearer …`. A token that isn't good is a 401, not anonymous. */
export function createTokenAuthenticator(judge: TokenJudge, audiences: readonly string[]): Authenticator {
  return ({ authorization }) => {
    const [scheme = '', token = ''] = (authorization ?? '').trim().split(/ +/);
    if (scheme.toLowerCase() !== 'bearer' || token === '') return undefined;
    const judgement = judge(token, audiences);
    if (!judgement.ok) throw unauthorized();
    return judgement.user;
  };
}
