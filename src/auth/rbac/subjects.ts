import type { ClusterRoleBinding, RbacSubject, RoleBinding } from '../../kinds/types.ts';
import { goQuote } from '../../machinery/go-format.ts';
import type { UserInfo } from '../authenticator.ts';

/** Either kind of binding. */
export type AnyBinding = ClusterRoleBinding | RoleBinding;

/** A binding that applies to somebody, through one of its subjects. */
export interface Applying {
  readonly binding: AnyBinding;
  readonly subject: RbacSubject;
  /** Place in the list, so that several subjects' bindings come in the list's order. */
  readonly position: number;
}

const ACCOUNT_PREFIX = 'system:serviceaccount:';

/** The user name of a ServiceAccount. */
export function accountUserName(namespace: string, name: string): string {
  return `${ACCOUNT_PREFIX}${namespace}:${name}`;
}

/** Namespace and name behind a ServiceAccount's user name; undefined for other users. */
export function parseAccountUserName(user: string): { readonly namespace: string; readonly name: string } | undefined {
  if (!user.startsWith(ACCOUNT_PREFIX)) return undefined;
  const [namespace = '', name = '', ...rest] = user.slice(ACCOUNT_PREFIX.length).split(':');
  return namespace === '' || name === '' || rest.length > 0 ? undefined : { namespace, name };
}

/** Key of a subject among users and groups; undefined for one that is nobody. */
function subjectKey(subject: RbacSubject, bindingNamespace: string): string | undefined {
  switch (subject.kind) {
    case 'User':
      return `User ${subject.name}`;
    case 'Group':
      return `Group ${subject.name}`;
    case 'ServiceAccount': {
      const namespace = subject.namespace || bindingNamespace;
      return namespace === '' ? undefined : `User ${accountUserName(namespace, subject.name)}`;
    }
    default:
      return undefined;
  }
}

type Index = ReadonlyMap<string, readonly Applying[]>;

const indexes = new WeakMap<readonly AnyBinding[], Index>();

function buildIndex(bindings: readonly AnyBinding[]): Index {
  const index = new Map<string, Applying[]>();
  bindings.forEach((binding, position) => {
    for (const subject of binding.subjects ?? []) {
      const key = subjectKey(subject, binding.metadata?.namespace ?? '');
      if (key === undefined) continue;
      const found = index.get(key) ?? [];
      found.push({ binding, subject, position });
      index.set(key, found);
    }
  });
  return index;
}

/** Bindings that apply to a user, in the list's order. The index is built once for each list. */
export function bindingsOf(user: UserInfo, bindings: readonly AnyBinding[]): readonly Applying[] {
  let index = indexes.get(bindings);
  if (index === undefined) {
    index = buildIndex(bindings);
    indexes.set(bindings, index);
  }
  const keys = [`User ${user.name}`, ...user.groups.map((group) => `Group ${group}`)];
  return keys.flatMap((key) => index.get(key) ?? []).sort((a, b) => a.position - b.position);
}

/** A grant as the reason of a decision names it. */
export function describeGrant({ binding, subject }: Applying): string {
  const { name = '', namespace = '' } = binding.metadata ?? {};
  const [kind, label] = namespace === '' ? ['ClusterRoleBinding', name] : ['RoleBinding', `${name}/${namespace}`];
  const role = `${binding.roleRef.kind} ${goQuote(binding.roleRef.name)}`;
  return `${kind} ${goQuote(label)} of ${role} to ${describeSubject(subject, namespace)}`;
}

function describeSubject(subject: RbacSubject, bindingNamespace: string): string {
  const label =
    subject.kind === 'ServiceAccount' ? `${subject.name}/${subject.namespace || bindingNamespace}` : subject.name;
  return `${subject.kind} ${goQuote(label)}`;
}
