import { amountsOf } from '../kinds/quota/amounts.ts';
import { computeUsage } from '../kinds/quota/object-usage.ts';
import { isInScope } from '../kinds/quota/scopes.ts';
import type { Container, Pod, ResourceQuota } from '../kinds/types.ts';
import type { KubernetesObject } from '../machinery/object.ts';

/** What every container must say when a quota limits it. */
const DEMANDED = ['cpu', 'memory', 'requests.cpu', 'requests.memory', 'limits.cpu', 'limits.memory'];

function unsaid({ resources }: Container, names: readonly string[]): readonly string[] {
  const said = computeUsage(amountsOf(resources?.requests), amountsOf(resources?.limits));
  return names.filter((name) => !said.has(name));
}

/** `must specify limits.cpu for: a,b; …` when a pod doesn't say what a quota limits; undefined when it does. */
export function missingRequirements(
  quota: ResourceQuota,
  resource: string,
  object: KubernetesObject,
): string | undefined {
  if (resource !== '/pods' || !isInScope(quota, resource, object)) return undefined;
  const demanded = DEMANDED.filter((name) => Object.hasOwn(quota.spec?.hard ?? {}, name)).sort();
  const { spec } = object as Pod;
  const containers = [...(spec?.containers ?? []), ...(spec?.initContainers ?? [])];
  const missing = demanded.flatMap((name) => {
    const names = containers.filter((each) => unsaid(each, [name]).length > 0).map((each) => each.name);
    return names.length > 0 ? [`${name} for: ${names.sort().join(',')}`] : [];
  });
  return missing.length > 0 ? `must specify ${missing.join('; ')}` : undefined;
}
