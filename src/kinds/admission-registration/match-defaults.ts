import { defined } from '../pod-spec/defined.ts';
import type { MatchResources, RuleWithOperations, Sparse } from '../types.ts';

type Match = Sparse<MatchResources>;

/** Rules are about namespaced and cluster-scoped objects unless they say otherwise. */
export function ruleDefaults<R extends Sparse<RuleWithOperations>>(rules: readonly R[] | undefined) {
  return rules?.map((rule) => ({ ...rule, scope: rule.scope ?? '*' }));
}

/** `SetDefaults_MatchResources`. */
export function matchDefaults(match: Match | undefined): Match | undefined {
  return (
    match && {
      ...match,
      matchPolicy: match.matchPolicy ?? 'Equivalent',
      namespaceSelector: match.namespaceSelector ?? {},
      objectSelector: match.objectSelector ?? {},
      ...defined('resourceRules', ruleDefaults(match.resourceRules)),
      ...defined('excludeResourceRules', ruleDefaults(match.excludeResourceRules)),
    }
  );
}
