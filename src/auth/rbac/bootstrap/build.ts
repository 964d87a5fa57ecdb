import type { PolicyRule } from '../../../kinds/policy-rules/policy-rule.ts';
import type { ClusterRole, ClusterRoleBinding, RbacSubject } from '../../../kinds/types.ts';
import type { ObjectMeta } from '../../../machinery/object.ts';

/** The API group of roles and bindings. */
export const RBAC_GROUP = 'rbac.authorization.k8s.io';

/** Label that makes a role part of the aggregated role of that name. */
export function aggregateTo(role: string): string {
  return `${RBAC_GROUP}/aggregate-to-${role}`;
}

/** Metadata of a default object: marked as such, and kept up to date until the annotation says otherwise. */
export function defaultMeta(name: string, more: Partial<ObjectMeta> = {}): ObjectMeta & { readonly name: string } {
  return {
    ...more,
    name,
    labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...more.labels },
    annotations: { 'rbac.authorization.kubernetes.io/autoupdate': 'true' },
  };
}

function words(text: string): readonly string[] {
  return text.split(' ').filter((word) => word !== '');
}

/** All read verbs. */
export const READ = 'get list watch';
/** All verbs that change something. */
export const WRITE = 'create delete deletecollection patch update';

/** A rule about resources of one API group, from lists separated by spaces. */
export function allow(verbs: string, group: string, resources: string, names = ''): PolicyRule & { verbs: string[] } {
  const named = names === '' ? {} : { resourceNames: words(names) };
  return { verbs: [...words(verbs)], apiGroups: [group], resources: words(resources), ...named };
}

/** Events of both groups may be written. */
export const writeEvents = {
  verbs: words('create patch update'),
  apiGroups: ['', 'events.k8s.io'],
  resources: ['events'],
};

/** A rule about paths that are no resources. */
export function allowPaths(...nonResourceURLs: readonly string[]): PolicyRule & { readonly verbs: readonly string[] } {
  return { verbs: ['get'], nonResourceURLs };
}

/** A default ClusterRole; with `partOf`, aggregated into another. */
export function clusterRole(name: string, rules: ClusterRole['rules'], partOf?: string): ClusterRole {
  const labels = partOf === undefined ? {} : { labels: { [aggregateTo(partOf)]: 'true' } };
  return { metadata: defaultMeta(name, labels), rules } as ClusterRole;
}

/** A default ClusterRole whose rules are those of others; with `partOf`, aggregated in turn. */
export function aggregatedRole(name: string, partOf?: string): ClusterRole {
  const selector = { matchLabels: { [aggregateTo(name)]: 'true' } };
  return { ...clusterRole(name, [], partOf), aggregationRule: { clusterRoleSelectors: [selector] } };
}

/** A group as a subject. */
export function group(name: string): RbacSubject {
  return { kind: 'Group', apiGroup: RBAC_GROUP, name };
}

/** A user as a subject. */
export function user(name: string): RbacSubject {
  return { kind: 'User', apiGroup: RBAC_GROUP, name };
}

/** A default ClusterRoleBinding of the ClusterRole of the same name. */
export function binding(name: string, ...subjects: readonly RbacSubject[]): ClusterRoleBinding {
  const roleRef = { apiGroup: RBAC_GROUP, kind: 'ClusterRole', name };
  return { metadata: defaultMeta(name), roleRef, subjects } as ClusterRoleBinding;
}
