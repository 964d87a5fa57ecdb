import type { KubernetesObject } from '../../machinery/object.ts';
import { quantityOf } from '../../machinery/quantity.ts';
import type { ResourceQuota } from '../types.ts';
import { type Amounts, addAmounts, amountsOf, mask, sumAmounts } from './amounts.ts';
import { objectUsage, resourceBehind } from './object-usage.ts';
import { isInScope } from './scopes.ts';

/** The resources, `<group>/<plural>`, whose objects a quota is about. */
export function limitedResources(quota: ResourceQuota): readonly string[] {
  return [...new Set(Object.keys(quota.spec?.hard ?? {}).map(resourceBehind))];
}

/** What an object uses of what a quota limits; empty when the quota isn't about it. */
export function usageUnder(quota: ResourceQuota, resource: string, object: KubernetesObject): Amounts {
  if (!isInScope(quota, resource, object)) return new Map();
  const hard = quota.spec?.hard ?? {};
  return mask(objectUsage(resource, object), (name) => Object.hasOwn(hard, name));
}

/** What objects of a resource use together of what a quota limits. */
export function totalUnder(quota: ResourceQuota, resource: string, objects: readonly KubernetesObject[]): Amounts {
  const hard = quota.spec?.hard ?? {};
  const charged = objects.filter((object) => isInScope(quota, resource, object));
  return sumAmounts(
    charged.map((object) => objectUsage(resource, object)),
    (name) => Object.hasOwn(hard, name),
  );
}

/**
 * What is used of everything that a quota limits, by the objects that `list` gives for each resource. Every limited
 * name is there, with 0 where nothing is used.
 */
export function quotaUsage(quota: ResourceQuota, list: (resource: string) => readonly KubernetesObject[]): Amounts {
  const none = [...amountsOf(quota.spec?.hard)].map(([name, { format }]) => [name, quantityOf(0, format)] as const);
  const used = limitedResources(quota).map((resource) => totalUnder(quota, resource, list(resource)));
  return addAmounts(new Map(none), ...used);
}
