/** A namespaced object by name and uid. */
export interface ObjectClaim {
  readonly name: string;
  readonly uid?: string;
}

/** What a ServiceAccount's token is about, beside its times: the `kubernetes.io` claim. */
export interface AccountClaims {
  readonly namespace: string;
  readonly serviceaccount: ObjectClaim;
  readonly pod?: ObjectClaim;
  readonly node?: ObjectClaim;
  readonly secret?: ObjectClaim;
}

/** Claims of a bound ServiceAccount token. Times are in seconds since 1970. */
export interface TokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: readonly string[];
  readonly exp: number;
  readonly iat: number;
  readonly nbf: number;
  readonly jti?: string;
  readonly 'kubernetes.io': AccountClaims;
}

function isRecord(value: unknown): value is { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isObjectClaim(value: unknown): boolean {
  return isRecord(value) && typeof value.name === 'string' && ['string', 'undefined'].includes(typeof value.uid);
}

function isAccountClaims(value: unknown): boolean {
  if (!isRecord(value) || typeof value.namespace !== 'string' || !isObjectClaim(value.serviceaccount)) return false;
  return [value.pod, value.node, value.secret].every((bound) => bound === undefined || isObjectClaim(bound));
}

/** The claims in their shape; undefined when they aren't those of a ServiceAccount's token. */
export function readClaims(claims: { readonly [claim: string]: unknown }): TokenClaims | undefined {
  const { iss, sub, exp, iat, nbf, aud } = claims;
  const texts = typeof iss === 'string' && typeof sub === 'string';
  const times = [exp, iat, nbf].every((time) => typeof time === 'number' && Number.isFinite(time));
  const audiences = typeof aud === 'string' ? [aud] : aud;
  const listed = Array.isArray(audiences) && audiences.every((each) => typeof each === 'string');
  if (!texts || !times || !listed || !isAccountClaims(claims['kubernetes.io'])) return undefined;
  return { ...(claims as unknown as TokenClaims), aud: audiences as readonly string[] };
}
