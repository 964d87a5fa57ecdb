import type { ClusterRole } from '../kinds/types.ts';
import { semanticEqual } from '../machinery/deep.ts';
import type { Registry } from '../registry/registry.ts';
import type { Controller } from './controller.ts';
import { nameOf } from './meta.ts';
import { aggregateRules } from './rbac/aggregate-rules.ts';
import { kindOf, resourceOf } from './resources.ts';

const CLUSTER_ROLES = 'rbac.authorization.k8s.io/clusterroles';

/** Keeps the rules of aggregated ClusterRoles: a change of any role is a reason to look at all aggregated ones. */
export function rbacAggregation({ registry }: { readonly registry: Registry }): Controller {
  const roles = resourceOf<ClusterRole>(registry, kindOf(registry, CLUSTER_ROLES));
  const aggregated = (): readonly string[] =>
    roles.list().flatMap((role) => (role.aggregationRule === undefined ? [] : [nameOf(role)]));
  return {
    name: 'rbac-aggregation',
    inputs: [{ resource: CLUSTER_ROLES, keys: aggregated }],
    outputs: [{ what: `${CLUSTER_ROLES}#rules of aggregated roles`, mode: 'exclusive' }],
    reconcile: async (name) => {
      const role = roles.find('', name);
      const rules = role && aggregateRules(role, roles.list());
      if (role === undefined || rules === undefined || semanticEqual(role.rules, rules)) return undefined;
      await roles.modify(role, (current) =>
        current.aggregationRule === undefined ? undefined : ({ ...current, rules } as ClusterRole),
      );
      return undefined;
    },
  };
}
