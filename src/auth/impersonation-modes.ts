import type { RequestAttributes, UserInfo } from './authenticator.ts';
import { parseAccountUserName } from './rbac/subjects.ts';

/** Whom the headers of a request ask to be. */
export interface Wanted {
  readonly user: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: UserInfo['extra'];
}

/** A thing that the verb of a mode has to be allowed on. */
export type Resource = NonNullable<RequestAttributes['resource']>;

/** A way to be allowed to act as another: what is asked of the authorizer, all of which it has to allow. */
export interface ImpersonationMode {
  /** Verb on the user, the groups and so on: `impersonate`, `impersonate:user-info`, … */
  readonly verb: string;
  /** Group of users, groups and accounts under this mode. */
  readonly group: string;
  /** Verb on what the request itself is about; undefined where the mode doesn't care. */
  readonly on?: (verb: string) => string;
  /** Whether the mode is for such users at all. */
  readonly applies: (wanted: Wanted) => boolean;
}

const NODE = 'system:node:';
const AUTHENTICATION = 'authentication.k8s.io';
const MASTERS = 'system:masters';

/** Name of the node that a user name is of. */
export function nodeOf(user: string): string | undefined {
  return user.startsWith(NODE) && user.length > NODE.length ? user.slice(NODE.length) : undefined;
}

function isJustName({ uid, groups, extra }: Wanted): boolean {
  return uid === '' && groups.length === 0 && Object.keys(extra).length === 0;
}

function isPlain({ user, groups, extra }: Wanted): boolean {
  const isOther = nodeOf(user) === undefined && parseAccountUserName(user) === undefined;
  const keys = Object.entries(extra);
  const known = keys.every(([key, values]) => key !== '' && key === key.toLowerCase() && values.length > 0);
  return isOther && known && !groups.includes(MASTERS);
}

function constrained(name: string, applies: ImpersonationMode['applies']): ImpersonationMode {
  const on = (verb: string) => `impersonate-on:${name}:${verb}`;
  return { verb: `impersonate:${name}`, group: AUTHENTICATION, on, applies };
}

/** Constrained impersonation, for certain requests only, and the older kind, for all. */
export const IMPERSONATION_MODES: readonly ImpersonationMode[] = [
  constrained('arbitrary-node', (wanted) => isJustName(wanted) && nodeOf(wanted.user) !== undefined),
  constrained('serviceaccount', (wanted) => isJustName(wanted) && parseAccountUserName(wanted.user) !== undefined),
  constrained('user-info', isPlain),
  { verb: 'impersonate', group: '', applies: () => true },
];

function resource(name: string, more: Partial<Resource> & { readonly resource: string }): Resource {
  return { group: '', version: 'v1', subresource: '', namespace: '', ...more, name };
}

function subjectOf({ user }: Wanted, { group, on }: ImpersonationMode): Resource {
  const account = parseAccountUserName(user);
  const node = on === undefined ? undefined : nodeOf(user);
  if (account !== undefined) {
    return resource(account.name, { group, resource: 'serviceaccounts', namespace: account.namespace });
  }
  return node === undefined
    ? resource(user, { group, resource: 'users' })
    : resource(node, { group, resource: 'nodes' });
}

/** Everything that a mode's verb has to be allowed on. */
export function impersonatedResources(wanted: Wanted, mode: ImpersonationMode): readonly Resource[] {
  const { uid, groups, extra } = wanted;
  const extras = Object.entries(extra).flatMap(([key, values]) =>
    values.map((value) => resource(value, { group: AUTHENTICATION, resource: 'userextras', subresource: key })),
  );
  return [
    subjectOf(wanted, mode),
    ...groups.map((name) => resource(name, { group: mode.group, resource: 'groups' })),
    ...extras,
    ...(uid === '' ? [] : [resource(uid, { group: AUTHENTICATION, resource: 'uids' })]),
  ];
}
