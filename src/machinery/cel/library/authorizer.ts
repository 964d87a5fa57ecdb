import { checkName } from '../../names.ts';
import { type Overload, overload } from '../overload.ts';
import type { CelType } from '../types.ts';
import { type AbstractValue, CelError } from '../values.ts';

const PACKAGE = 'kubernetes.authorization';
const type = (name: string): CelType => ({ kind: 'abstract', name: `${PACKAGE}.${name}` });

/** Type of the variable `authorizer`. */
export const AUTHORIZER = type('Authorizer');
/** Type of the variable `authorizer.requestResource`. */
export const RESOURCE_CHECK = type('ResourceCheck');
const PATH_CHECK = type('PathCheck');
const GROUP_CHECK = type('GroupCheck');
const DECISION = type('Decision');

/** Who asks. */
export interface CheckedUser {
  readonly name: string;
  readonly uid: string;
  readonly groups: readonly string[];
  readonly extra: { readonly [key: string]: readonly string[] };
}

/** A resource as a check names it. */
export interface CheckedResource {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

/** One question to an authorizer: about a resource, or about a path. */
export interface Check {
  readonly user: CheckedUser;
  readonly verb: string;
  readonly path: string;
  readonly resource?: CheckedResource;
}

/** Answers checks. */
export type CheckAuthorizer = (check: Check) => { readonly allowed: boolean; readonly reason: string };

interface Base extends AbstractValue {
  readonly user: CheckedUser;
  readonly ask: CheckAuthorizer;
}

interface PathCheck extends Base {
  readonly path: string;
}

interface GroupCheck extends Base {
  readonly group: string;
}

interface ResourceCheck extends Base {
  readonly resource: CheckedResource;
}

interface Decision extends AbstractValue {
  readonly allowed: boolean;
  readonly reason: string;
}

/** The value of `authorizer`. */
export function authorizerValue(user: CheckedUser, ask: CheckAuthorizer): AbstractValue {
  return { celType: AUTHORIZER, identity: user.name, user, ask } as Base;
}

/** The value of `authorizer.requestResource`. */
export function resourceCheckValue(user: CheckedUser, ask: CheckAuthorizer, resource: CheckedResource): AbstractValue {
  const identity = JSON.stringify([user.name, resource]);
  return { celType: RESOURCE_CHECK, identity, user, ask, resource } as ResourceCheck;
}

function notBlank(text: string, what: string): string {
  if (text.trim() === '') throw new CelError(`${what} must not be empty`);
  return text;
}

function serviceAccount({ ask }: Base, namespace: string, name: string): AbstractValue {
  if (checkName('dns-subdomain', name).length > 0) throw new CelError('Invalid service account name');
  if (checkName('dns-label', namespace).length > 0) throw new CelError('Invalid service account namespace');
  const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  return authorizerValue({ name: `system:serviceaccount:${namespace}:${name}`, uid: '', groups, extra: {} }, ask);
}

function narrowed(part: 'subresource' | 'namespace' | 'name') {
  return ({ user, ask, resource }: ResourceCheck, value: string): AbstractValue =>
    resourceCheckValue(user, ask, { ...resource, [part]: value });
}

function decide(check: Base, verb: string, about: Pick<Check, 'path' | 'resource'>): Decision {
  const { allowed, reason } = check.ask({ user: check.user, verb, ...about });
  return { celType: DECISION, identity: `${allowed} ${reason}`, allowed, reason };
}

const CHECK = `${PACKAGE}.ResourceCheck`;
const unchanged = (check: ResourceCheck): ResourceCheck => check;
/** What asking an authorizer costs. */
const cost = (): number => 350_000 - 1;

/** Kubernetes' authorizer library. Selectors of checks are accepted; roles know none. */
export const authorizers: readonly Overload[] = [
  overload(`${PACKAGE}.Authorizer.path(string): ${PACKAGE}.PathCheck`, ({ user, ask }: Base, path: string) => ({
    celType: PATH_CHECK,
    identity: path,
    user,
    ask,
    path: notBlank(path, 'path'),
  })),
  overload(`${PACKAGE}.Authorizer.group(string): ${PACKAGE}.GroupCheck`, ({ user, ask }: Base, group: string) => ({
    celType: GROUP_CHECK,
    identity: group,
    user,
    ask,
    group,
  })),
  overload(`${PACKAGE}.Authorizer.serviceAccount(string, string): ${PACKAGE}.Authorizer`, serviceAccount),
  overload(`${PACKAGE}.GroupCheck.resource(string): ${CHECK}`, ({ user, ask, group }: GroupCheck, name: string) => {
    const resource = { group, resource: notBlank(name, 'resource'), subresource: '', namespace: '', name: '' };
    return resourceCheckValue(user, ask, resource);
  }),
  overload(`${CHECK}.subresource(string): ${CHECK}`, narrowed('subresource')),
  overload(`${CHECK}.namespace(string): ${CHECK}`, narrowed('namespace')),
  overload(`${CHECK}.name(string): ${CHECK}`, narrowed('name')),
  overload(`${CHECK}.fieldSelector(string): ${CHECK}`, unchanged),
  overload(`${CHECK}.labelSelector(string): ${CHECK}`, unchanged),
  overload(
    `${PACKAGE}.PathCheck.check(string): ${PACKAGE}.Decision`,
    (check: PathCheck, verb: string) => decide(check, verb, { path: check.path }),
    cost,
  ),
  overload(
    `${CHECK}.check(string): ${PACKAGE}.Decision`,
    (check: ResourceCheck, verb: string) => decide(check, verb, { path: '', resource: check.resource }),
    cost,
  ),
  overload(`${PACKAGE}.Decision.allowed(): bool`, ({ allowed }: Decision) => allowed),
  overload(`${PACKAGE}.Decision.reason(): string`, ({ reason }: Decision) => reason),
  overload(`${PACKAGE}.Decision.errored(): bool`, () => false),
  overload(`${PACKAGE}.Decision.error(): string`, () => ''),
];
