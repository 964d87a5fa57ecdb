import type { PolicyRule } from '../../kinds/policy-rules/policy-rule.ts';
import type { ClusterRole } from '../../kinds/types.ts';
import { deepEqual } from '../../machinery/deep.ts';
import { type LabelSelectorObject, labelSelectorOf, matchesLabels } from '../../machinery/selectors.ts';
import { nameOf } from '../meta.ts';

/** The roles that a selector picks, by name; none for one that can't be read. */
function pick(selector: LabelSelectorObject, roles: readonly ClusterRole[]): readonly ClusterRole[] {
  const parsed = labelSelectorOf(selector);
  if (!parsed.ok) return [];
  const picked = roles.filter((role) => matchesLabels(parsed.value, role.metadata?.labels));
  return picked.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
}

/**
 * The rules of an aggregated ClusterRole: those of every role that one of its selectors picks, each rule once, in
 * the order of selectors and then names. Undefined for a role without an aggregationRule.
 */
export function aggregateRules(role: ClusterRole, roles: readonly ClusterRole[]): readonly PolicyRule[] | undefined {
  if (role.aggregationRule === undefined) return undefined;
  const selectors = role.aggregationRule.clusterRoleSelectors ?? [];
  const others = roles.filter((other) => nameOf(other) !== nameOf(role));
  const rules: PolicyRule[] = [];
  for (const rule of selectors.flatMap((selector) => pick(selector, others)).flatMap((other) => other.rules ?? [])) {
    if (!rules.some((known) => deepEqual(known, rule))) rules.push(rule);
  }
  return rules;
}
