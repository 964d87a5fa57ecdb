import type { RuleWithOperations, Sparse } from '../../kinds/types.ts';
import type { DynamicRequest } from '../plugin.ts';
import { type GroupVersionResource, namespaceOf } from './attributes.ts';

/** A rule of a webhook, or of a policy, which may be about some names only. */
export type Rule = Sparse<RuleWithOperations> & { readonly resourceNames?: readonly string[] };

function has(items: readonly string[] = [], wanted: string): boolean {
  return items.includes('*') || items.includes(wanted);
}

function matchesScope({ scope = '*' }: Rule, request: DynamicRequest): boolean {
  if (scope === '*') return true;
  const isClusterScoped = !request.kind.namespaced || namespaceOf(request) === '';
  return scope === 'Cluster' ? isClusterScoped : scope === 'Namespaced' && !isClusterScoped;
}

function matchesResource({ resources = [] }: Rule, resource: string, subresource: string): boolean {
  return resources.some((each) => {
    const [wanted, sub = ''] = each.split('/');
    return (wanted === '*' || wanted === resource) && (sub === '*' || sub === subresource);
  });
}

/** Whether a rule is about a request, when that is seen as one for `resource`. */
export function matchesRule(rule: Rule, request: DynamicRequest, { group, version, resource }: GroupVersionResource) {
  const names = rule.resourceNames ?? [];
  return (
    matchesScope(rule, request) &&
    has(rule.operations, request.operation) &&
    has(rule.apiGroups, group) &&
    has(rule.apiVersions, version) &&
    matchesResource(rule, resource, request.subresource) &&
    (names.length === 0 || names.includes(request.key.name))
  );
}
