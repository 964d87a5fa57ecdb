import { badRequest } from '../machinery/status-error.ts';
import { ANONYMOUS } from './authenticate.ts';
import type { Authorizer, RequestAttributes, UserInfo } from './authenticator.ts';
import { forbiddenRequest } from './authorize.ts';
import { parseAccountUserName } from './rbac/subjects.ts';
import { accountGroups } from './tokens/token-user.ts';

/** Header values as Node gives them: lower-case names, several values joined or as a list. */
export type Headers = { readonly [name: string]: string | readonly string[] | undefined };

interface Wanted {
  readonly user: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: UserInfo['extra'];
}

const EXTRA = 'impersonate-extra-';
const AUTHENTICATED = 'system:authenticated';
const UNAUTHENTICATED = 'system:unauthenticated';
const AUTHENTICATION = 'authentication.k8s.io';

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

type Resource = NonNullable<RequestAttributes['resource']>;

/** One thing that has to be allowed: the verb `impersonate` on this. */
function resource(name: string, more: Partial<Resource> & { readonly resource: string }): Resource {
  return { group: '', version: 'v1', subresource: '', namespace: '', ...more, name };
}

function resourcesOf({ user, uid, groups, extra }: Wanted): readonly Resource[] {
  const account = parseAccountUserName(user);
  const { namespace } = account ?? {};
  const who =
    account === undefined
      ? resource(user, { resource: 'users' })
      : resource(account.name, { resource: 'serviceaccounts', namespace });
  const extras = Object.entries(extra).flatMap(([key, values]) =>
    values.map((value) => resource(value, { group: AUTHENTICATION, resource: 'userextras', subresource: key })),
  );
  return [
    who,
    ...groups.map((group) => resource(group, { resource: 'groups' })),
    ...extras,
    ...(uid === '' ? [] : [resource(uid, { group: AUTHENTICATION, resource: 'uids' })]),
  ];
}

/** An account has its groups without asking, and everybody is authenticated or not. */
function groupsOf({ user, groups }: Wanted): readonly string[] {
  const account = parseAccountUserName(user);
  const own = account !== undefined && groups.length === 0 ? accountGroups(account.namespace) : groups;
  const anonymous = user === ANONYMOUS.name;
  const known = own.includes(UNAUTHENTICATED) || (!anonymous && own.includes(AUTHENTICATED));
  return known ? own : [...own, anonymous ? UNAUTHENTICATED : AUTHENTICATED];
}

/**
 * Who a request is to be treated as, by its `Impersonate-*` headers (Kubernetes' "User impersonation"): the user
 * himself when there are none. Throws 403 when he may not impersonate one of the user, groups, uid and extra fields.
 */
export function impersonate(user: UserInfo, headers: Headers, authorize: Authorizer): UserInfo {
  const wanted = readWanted(headers);
  if (wanted === undefined) return user;
  for (const each of resourcesOf(wanted)) {
    const attributes = { user, verb: 'impersonate', path: '', resource: each };
    const { allowed, reason } = authorize(attributes);
    if (!allowed) throw forbiddenRequest(attributes, reason);
  }
  return { name: wanted.user, uid: wanted.uid, groups: groupsOf(wanted), extra: wanted.extra };
}
