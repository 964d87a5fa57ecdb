import type { Pod } from '../../kinds/types.ts';
import type { AccountLookup } from './account-lookup.ts';
import { issueToken, type TokenIssuer } from './issue-token.ts';
import { type AccountClaims, readClaims, type TokenClaims } from './token-claims.ts';

const DEFAULT_LIFE_SECONDS = 3600;
/** A token is renewed when this part of its life is over, and after a day anyway. */
const RENEWAL = 0.8;
const MAX_AGE_SECONDS = 86_400;
/** What the admission asks for; upstream gives such tokens a year, for clients that read their token once. */
const ADMISSION_LIFE_SECONDS = 3607;
const EXTENDED_LIFE_SECONDS = 365 * 86_400 + 7;
/** How long before another try when there is nobody to issue a token for. */
const RETRY_SECONDS = 10;

/** The tokens that a pod's volumes shall hold now. */
export interface PodTokens {
  /** By `<volume>/<path>`. */
  readonly tokens: ReadonlyMap<string, string>;
  /** Milliseconds until one of them has to be renewed; undefined when there are none. */
  readonly renewAfterMs: number | undefined;
  /** Volumes whose token can't be had, with the reason in the kubelet's words. */
  readonly failures: readonly { readonly volume: string; readonly message: string }[];
}

/** What pods' tokens are made with. */
export interface PodTokenOptions extends TokenIssuer {
  readonly lookup: AccountLookup;
  /** The token that the pod's volume holds now. */
  readonly read: (uid: string, volume: string, path: string) => Promise<string | undefined>;
}

interface Wish {
  readonly volume: string;
  readonly path: string;
  readonly audiences: readonly string[];
  /** Seconds that it is asked for. */
  readonly life: number;
}

function wishesOf({ spec }: Pod, issuer: string): readonly Wish[] {
  return (spec?.volumes ?? []).flatMap(({ name: volume, projected }) =>
    (projected?.sources ?? []).flatMap(({ serviceAccountToken: source }) => {
      if (!source) return [];
      const life = source.expirationSeconds ?? DEFAULT_LIFE_SECONDS;
      return [{ volume, path: source.path, audiences: [source.audience || issuer], life }];
    }),
  );
}

/** Seconds since 1970 when a token of these claims is to be renewed. */
function renewalOf({ iat }: TokenClaims, { life }: Wish): number {
  return iat + Math.min(life * RENEWAL, MAX_AGE_SECONDS);
}

/** Whether it is in the middle of its life: one of the future is nobody's while the clock stands before it. */
function isFresh(claims: TokenClaims, wish: Wish, now: number): boolean {
  return Math.floor(now) >= claims.iat && now < renewalOf(claims, wish);
}

function claimsFor(pod: Pod, lookup: AccountLookup): AccountClaims | undefined {
  const { namespace = '', name = '', uid } = pod.metadata ?? {};
  const accountName = pod.spec?.serviceAccountName || 'default';
  const account = lookup.serviceAccount(namespace, accountName);
  if (account === undefined) return undefined;
  const nodeName = pod.spec?.nodeName;
  const node = nodeName ? { name: nodeName, uid: lookup.node(nodeName)?.metadata?.uid } : undefined;
  return {
    namespace,
    serviceaccount: { name: accountName, uid: account.metadata?.uid },
    pod: { name, uid },
    ...(node ? { node } : {}),
  };
}

function isFor(claims: TokenClaims, wanted: AccountClaims, { audiences }: Wish): boolean {
  const { serviceaccount, pod } = claims['kubernetes.io'];
  const isSame = serviceaccount.uid === wanted.serviceaccount.uid && pod?.uid === wanted.pod?.uid;
  return isSame && claims.aud.join() === audiences.join();
}

interface Held {
  readonly wish: Wish;
  readonly token: string | undefined;
  readonly renewal: number;
}

async function hold(wish: Wish, pod: Pod, options: PodTokenOptions): Promise<Held> {
  const { key, issuer, clock, lookup } = options;
  const now = clock() / 1000;
  const present = await options.read(pod.metadata?.uid ?? '', wish.volume, wish.path);
  const account = claimsFor(pod, lookup);
  // What the pod has stays until there is something better.
  if (account === undefined) return { wish, token: present, renewal: now + RETRY_SECONDS };
  const verified = present === undefined ? undefined : key.verify(present);
  const claims = verified && readClaims(verified);
  if (claims?.iss === issuer && isFor(claims, account, wish) && isFresh(claims, wish, now)) {
    return { wish, token: present, renewal: renewalOf(claims, wish) };
  }
  const isExtended = wish.life === ADMISSION_LIFE_SECONDS && wish.audiences.join() === issuer;
  const lifeSeconds = isExtended ? EXTENDED_LIFE_SECONDS : wish.life;
  const { token } = issueToken(options, { account, audiences: wish.audiences, lifeSeconds });
  return { wish, token, renewal: now + Math.min(wish.life * RENEWAL, MAX_AGE_SECONDS) };
}

function failureOf({ spec }: Pod, volume: string): PodTokens['failures'][number] {
  const account = spec?.serviceAccountName || 'default';
  return { volume, message: `failed to fetch token: serviceaccounts "${account}" not found` };
}

/**
 * Makes the source of pods' tokens: for each `serviceAccountToken` of a projected volume the one that the pod has, as
 * long as it is fresh, or a new one, bound to the pod. The files are all there is to remember.
 */
export function createPodTokens(options: PodTokenOptions): (pod: Pod) => Promise<PodTokens> {
  return async (pod) => {
    const held = await Promise.all(wishesOf(pod, options.issuer).map((wish) => hold(wish, pod, options)));
    const tokens = held.flatMap(({ wish: { volume, path }, token }) =>
      token === undefined ? [] : [[`${volume}/${path}`, token] as const],
    );
    const soonest = Math.min(...held.map(({ renewal }) => renewal)) * 1000 - options.clock();
    return {
      tokens: new Map(tokens),
      renewAfterMs: held.length === 0 ? undefined : Math.max(0, Math.ceil(soonest)),
      failures: held.filter(({ token }) => token === undefined).map(({ wish }) => failureOf(pod, wish.volume)),
    };
  };
}
