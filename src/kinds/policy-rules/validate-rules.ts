import { index, invalidValue, required } from '../../machinery/field-path.ts';
import type { ClusterRole, Draft, Role } from '../types.ts';
import { type Findings, validateLabelSelector } from '../validation.ts';
import type { PolicyRule } from './policy-rule.ts';

function validateUrls(rule: PolicyRule, path: string, namespaced: boolean): Findings {
  const field = `${path}.nonResourceURLs`;
  const { apiGroups = [], resources = [], resourceNames = [], nonResourceURLs } = rule;
  const invalid = (why: string) => invalidValue(field, nonResourceURLs, why);
  const mixed = apiGroups.length + resources.length + resourceNames.length > 0;
  return [
    ...(namespaced ? [invalid('namespaced rules cannot apply to non-resource URLs')] : []),
    ...(mixed ? [invalid('rules cannot apply to both regular resources and non-resource URLs')] : []),
  ];
}

/** `ValidatePolicyRule`. */
function validateRule(rule: PolicyRule, path: string, namespaced: boolean): Findings {
  const { verbs = [], apiGroups = [], resources = [], nonResourceURLs = [] } = rule;
  const verbless = verbs.length > 0 ? [] : [required(`${path}.verbs`, 'verbs must contain at least one value')];
  if (nonResourceURLs.length > 0) return [...verbless, ...validateUrls(rule, path, namespaced)];
  const field = (name: string, what: string) =>
    required(`${path}.${name}`, `resource rules must supply at least one ${what}`);
  return [
    ...verbless,
    ...(apiGroups.length > 0 ? [] : [field('apiGroups', 'api group')]),
    ...(resources.length > 0 ? [] : [field('resources', 'resource')]),
  ];
}

/** `ValidateRole`. */
export function validateRole(role: Draft<Role>): Findings {
  return (role.rules ?? []).flatMap((rule, position) => validateRule(rule, index('rules', position), true));
}

function validateAggregation(role: Draft<ClusterRole>): Findings {
  if (role.aggregationRule === undefined) return [];
  const { clusterRoleSelectors = [] } = role.aggregationRule;
  const path = 'aggregationRule.clusterRoleSelectors';
  if (clusterRoleSelectors.length === 0) {
    return [required(path, 'at least one clusterRoleSelector required if aggregationRule is non-nil')];
  }
  return clusterRoleSelectors.flatMap((selector, position) => validateLabelSelector(selector, index(path, position)));
}

/** `ValidateClusterRole`. */
export function validateClusterRole(role: Draft<ClusterRole>): Findings {
  const rules = (role.rules ?? []).flatMap((rule, position) => validateRule(rule, index('rules', position), false));
  return [...rules, ...validateAggregation(role)];
}
