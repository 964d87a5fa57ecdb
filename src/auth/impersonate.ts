import { badRequest, type StatusError } from '../machinery/status-error.ts';
import { ANONYMOUS } from './authenticate.ts';
import type { Authorizer, RequestAttributes, UserInfo } from './authenticator.ts';
import { forbiddenRequest } from './authorize.ts';
import {
  IMPERSONATION_MODES,
  type ImpersonationMode,
  impersonatedResources,
  nodeOf,
  type Wanted,
} from './impersonation-modes.ts';
import { parseAccountUserName } from './rbac/subjects.ts';
import { accountGroups } from './tokens/token-user.ts';

/** Header values as Node gives them: lower-case names, several values joined or as a list. */
export type Headers = { readonly [name: string]: string | readonly string[] | undefined };

const EXTRA = 'impersonate-extra-';
const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';
const NODES = 'system:nodes';

/** Node joins repeated headers with a comma and a blank. */
function valuesOf(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return [];
  return (typeof value === 'string' ? value.split(', ') : value).filter((each) => each !== '');
}

function unescapeKey(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

function readExtra(headers: Headers): UserInfo['extra'] {
  const names = Object.keys(headers).filter((name) => name.startsWith(EXTRA));
  return Object.fromEntries(names.map((name) => [unescapeKey(name.slice(EXTRA.length)), valuesOf(headers[name])]));
}

/** What the headers ask for; undefined when they ask for nothing. Throws 400 when they name no user. */
function readWanted(headers: Headers): Wanted | undefined {
  const [user = ''] = [headers['impersonate-user']].flat() as readonly (string | undefined)[];
  const [uid = ''] = [headers['impersonate-uid']].flat() as readonly (string | undefined)[];
  const groups = valuesOf(headers['impersonate-group']);
  const extra = readExtra(headers);
  if (user !== '') return { user, uid, groups, extra };
  const asked = [...groups, ...Object.keys(extra), ...(uid === '' ? [] : [uid])];
  if (asked.length === 0) return undefined;
  throw badRequest(`requested [${asked.join(' ')}] without impersonating a user`);
}

/** An account has its groups without asking, and everybody is authenticated or not. */
function groupsOf({ user, groups }: Wanted): readonly string[] {
  const account = parseAccountUserName(user);
  const own = account !== undefined && groups.length === 0 ? accountGroups(account.namespace) : groups;
  const anonymous = user === ANONYMOUS.name;
  const known = own.includes(UNAUTHENTICATED) || (!anonymous && own.includes(AUTHENTICATED));
  return known ? own : [...own, anonymous ? UNAUTHENTICATED : AUTHENTICATED];
}

/** Why a mode doesn't let somebody act as another; undefined where it does. */
function obstacle(mode: ImpersonationMode, { user, wanted, authorize, request }: Attempt): StatusError | undefined {
  const { verb, on } = mode;
  const checks: readonly RequestAttributes[] = [
    ...(on === undefined ? [] : [{ ...request, user, verb: on(request.verb) }]),
    ...impersonatedResources(wanted, mode).map((each) => ({ user, verb, path: '', resource: each })),
  ];
  for (const attributes of checks) {
    const { allowed, reason } = authorize(attributes);
    if (!allowed) return forbiddenRequest(attributes, reason);
  }
  return undefined;
}

interface Attempt {
  readonly user: UserInfo;
  readonly wanted: Wanted;
  readonly authorize: Authorizer;
  readonly request: Pick<RequestAttributes, 'verb' | 'path' | 'resource'>;
}

/** Groups under a mode: nodes have theirs where only the name was asked for. */
function groupsUnder({ on }: ImpersonationMode, wanted: Wanted): readonly string[] {
  const isNode = on !== undefined && nodeOf(wanted.user) !== undefined;
  return groupsOf(isNode ? { ...wanted, groups: [NODES] } : wanted);
}

/**
 * Who a request is to be treated as, by its `Impersonate-*` headers (Kubernetes' "User impersonation"): the user
 * himself when there are none. Throws 403 when he may not impersonate one of the user, groups, uid and extra fields:
 * neither for this request (constrained impersonation) nor at all.
 */
export function impersonate(
  user: UserInfo,
  headers: Headers,
  authorize: Authorizer,
  request: Attempt['request'],
): UserInfo {
  const wanted = readWanted(headers);
  if (wanted === undefined) return user;
  let refusal: StatusError | undefined;
  for (const mode of IMPERSONATION_MODES.filter(({ applies }) => applies(wanted))) {
    refusal = obstacle(mode, { user, wanted, authorize, request });
    if (refusal === undefined) {
      return { name: wanted.user, uid: wanted.uid, groups: groupsUnder(mode, wanted), extra: wanted.extra };
    }
  }
  // Of all refusals, the one that everybody knows: that of the verb `impersonate`.
  throw refusal;
}
