import type { KubernetesObject } from '../../machinery/object.ts';
import type { AccountLookup } from './account-lookup.ts';
import type { AccountClaims, ObjectClaim, TokenClaims } from './token-claims.ts';

/** How far clocks may be apart, and how long an object that is being deleted still vouches for its tokens. */
const LEEWAY_SECONDS = 60;

const INVALIDATED = 'service account token has been invalidated';

interface Bound {
  readonly claim: ObjectClaim | undefined;
  readonly object: KubernetesObject | undefined;
  /** Upstream's sentence for another object of the same name. */
  readonly mismatch: (uid: string, claimed: string) => string;
  readonly gone: string;
}

function judgeTimes(claims: TokenClaims, now: number): string | undefined {
  if (now > claims.exp + LEEWAY_SECONDS) return 'service account token has expired';
  if (now < claims.nbf - LEEWAY_SECONDS) return 'service account token is not valid yet';
  if (now < claims.iat - LEEWAY_SECONDS) return 'service account token is issued in the future';
  return undefined;
}

function isGone(object: KubernetesObject, now: number): boolean {
  const deleted = object.metadata?.deletionTimestamp;
  return deleted !== undefined && Date.parse(deleted) / 1000 + LEEWAY_SECONDS < now;
}

function judgeBound({ claim, object, mismatch, gone }: Bound, now: number): string | undefined {
  if (claim === undefined) return undefined;
  if (object === undefined || isGone(object, now)) return gone;
  const uid = object.metadata?.uid ?? '';
  return claim.uid === undefined || claim.uid === uid ? undefined : mismatch(uid, claim.uid);
}

function boundTo(account: AccountClaims, lookup: AccountLookup): readonly Bound[] {
  const { namespace, serviceaccount, pod, secret, node } = account;
  return [
    {
      claim: serviceaccount,
      object: lookup.serviceAccount(namespace, serviceaccount.name),
      mismatch: (uid, claimed) => `service account UID (${uid}) does not match claim (${claimed})`,
      gone: `serviceaccounts "${serviceaccount.name}" not found`,
    },
    {
      claim: secret,
      object: secret && lookup.secret(namespace, secret.name),
      mismatch: (uid, claimed) => `secret UID (${uid}) does not match service account secret ref claim (${claimed})`,
      gone: INVALIDATED,
    },
    {
      claim: pod,
      object: pod && lookup.pod(namespace, pod.name),
      mismatch: (uid, claimed) => `pod UID (${uid}) does not match service account pod ref claim (${claimed})`,
      gone: INVALIDATED,
    },
    {
      // A pod's token names its node for information; only a token bound to the node itself depends on it.
      claim: pod === undefined ? node : undefined,
      object: node && lookup.node(node.name),
      mismatch: (uid, claimed) => `node UID (${uid}) does not match service account node ref claim (${claimed})`,
      gone: INVALIDATED,
    },
  ];
}

/**
 * Why a token that we have signed isn't good (any more); undefined when it is: its times, and whether the account and
 * what it is bound to still exist with the same uid. `now` is in seconds since 1970.
 */
export function judgeClaims(claims: TokenClaims, lookup: AccountLookup, now: number): string | undefined {
  const late = judgeTimes(claims, now);
  if (late !== undefined) return late;
  for (const bound of boundTo(claims['kubernetes.io'], lookup)) {
    const why = judgeBound(bound, now);
    if (why !== undefined) return why;
  }
  return undefined;
}
