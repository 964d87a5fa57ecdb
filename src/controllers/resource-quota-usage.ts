import type { KindDefinition } from '../kinds/definition.ts';
import { amountsOf, listOf } from '../kinds/quota/amounts.ts';
import { quotaUsage } from '../kinds/quota/quota-usage.ts';
import type { ResourceQuota } from '../kinds/types.ts';
import { hasOwnStorage } from '../kinds/view.ts';
import { semanticEqual } from '../machinery/deep.ts';
import type { Registry } from '../registry/registry.ts';
import type { Controller, ControllerInput } from './controller.ts';
import { isDeleting, namespaceOf } from './meta.ts';
import { kindOf, type Resource, resourceOf } from './resources.ts';

const QUOTAS = '/resourcequotas';

/** The status that a quota should have. Pure but for `list`, which gives the namespace's objects of a resource. */
export function quotaStatus(
  quota: ResourceQuota,
  list: (resource: string) => readonly Parameters<typeof namespaceOf>[0][],
): NonNullable<ResourceQuota['status']> {
  return { hard: listOf(amountsOf(quota.spec?.hard)), used: listOf(quotaUsage(quota, list)) };
}

/** Objects of a resource in a namespace; none where the catalogue has no such resource. */
function objectsIn(registry: Registry, namespace: string) {
  return (resource: string) => {
    const slash = resource.indexOf('/');
    const kind = registry.definition(resource.slice(0, slash), resource.slice(slash + 1));
    return kind === undefined ? [] : registry.list(kind, { namespace }).entries.map((entry) => entry.object);
  };
}

async function reconcile(registry: Registry, quotas: Resource<ResourceQuota>, namespace: string): Promise<undefined> {
  for (const quota of quotas.list(namespace)) {
    if (isDeleting(quota)) continue;
    const status = quotaStatus(quota, objectsIn(registry, namespace));
    if (semanticEqual(status, quota.status)) continue;
    await quotas.modify(quota, (now) => ({ ...now, status }), 'status');
  }
  return undefined;
}

/** Everything that a quota could count; only namespaces with a quota get a look. */
function keysFor(kind: KindDefinition, quotas: Resource<ResourceQuota>): ControllerInput['keys'] | undefined {
  if (!kind.namespaced || kind.virtual || !hasOwnStorage(kind)) return undefined;
  const isQuota = `${kind.group}/${kind.plural}` === QUOTAS;
  return ({ entry }) => {
    const namespace = namespaceOf(entry.object);
    return isQuota || quotas.list(namespace).length > 0 ? [namespace] : [];
  };
}

/** Says in every ResourceQuota's status what is used. Admission doesn't rely on it: it counts for itself. */
export function resourceQuotaUsage({ registry }: { readonly registry: Registry }): Controller {
  const quotas = resourceOf<ResourceQuota>(registry, kindOf(registry, QUOTAS));
  return {
    name: 'resource-quota-usage',
    inputs: [],
    everyKind: (kind) => keysFor(kind, quotas),
    outputs: [{ what: `${QUOTAS}#status`, mode: 'exclusive' }],
    reconcile: (namespace) => reconcile(registry, quotas, namespace),
  };
}
