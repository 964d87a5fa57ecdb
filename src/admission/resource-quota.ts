import { type Amounts, addAmounts, amountsOf, growth, mask, maxAmounts, printAmounts } from '../kinds/quota/amounts.ts';
import { limitedResources, totalUnder, usageUnder } from '../kinds/quota/quota-usage.ts';
import type { ResourceQuota } from '../kinds/types.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { forbidden, type StatusError } from '../machinery/status-error.ts';
import type { AdmissionLookup, AdmissionPlugin, AdmissionRequest } from './plugin.ts';
import { missingRequirements } from './resource-quota-constraints.ts';

/** A write that is admitted but not stored yet: nobody else may have what it takes. */
interface Claim {
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
  readonly object: KubernetesObject;
}

/** Subresources whose writes can use more. */
const CHARGED = ['', 'resize'];

function inNamespace(objects: readonly KubernetesObject[], namespace: string): readonly KubernetesObject[] {
  return objects.filter((object) => object.metadata?.namespace === namespace);
}

interface Ledger {
  readonly lookup: AdmissionLookup;
  readonly claims: ReadonlySet<Claim>;
}

/** What is used under a quota by what is stored and by what is about to be; an object counts with the larger of both. */
function usedNow({ lookup, claims }: Ledger, quota: ResourceQuota, resource: string): Amounts {
  const namespace = quota.metadata?.namespace ?? '';
  const held = [...claims].filter((claim) => claim.resource === resource && claim.namespace === namespace);
  const stored = inNamespace(lookup.list(resource), namespace);
  if (held.length === 0) return totalUnder(quota, resource, stored);
  const names = new Set(held.map((claim) => claim.name));
  const settled = stored.filter((object) => !names.has(object.metadata?.name ?? ''));
  const moving = [...names].map((name) => {
    const versions = [
      ...stored.filter((object) => object.metadata?.name === name),
      ...held.filter((claim) => claim.name === name).map((claim) => claim.object),
    ];
    return maxAmounts(...versions.map((object) => usageUnder(quota, resource, object)));
  });
  return addAmounts(totalUnder(quota, resource, settled), ...moving);
}

interface Charge {
  readonly quota: ResourceQuota;
  readonly resource: string;
  readonly requested: Amounts;
}

/** Why a quota doesn't allow a charge; undefined when it does. */
function exceeding({ quota, resource, requested }: Charge, ledger: Ledger): string | undefined {
  const used = usedNow(ledger, quota, resource);
  const hard = amountsOf(quota.spec?.hard);
  const after = addAmounts(used, requested);
  const isOver = (name: string) => requested.has(name) && (after.get(name)?.nano ?? 0n) > (hard.get(name)?.nano ?? 0n);
  const failed = mask(hard, isOver);
  if (failed.size === 0) return undefined;
  const shown = (amounts: Amounts) => printAmounts(mask(amounts, isOver));
  const zeros = new Map([...failed].map(([name, { format }]) => [name, { nano: 0n, format }] as const));
  const parts = [
    `requested: ${shown(requested)}`,
    `used: ${shown(addAmounts(zeros, used))}`,
    `limited: ${shown(failed)}`,
  ];
  return `exceeded quota: ${quota.metadata?.name}, ${parts.join(', ')}`;
}

function whyNot(request: AdmissionRequest, quota: ResourceQuota, ledger: Ledger): string | undefined {
  const { object, old, operation } = request;
  const resource = `${request.kind.group}/${request.kind.plural}`;
  if (!limitedResources(quota).includes(resource)) return undefined;
  const usage = usageUnder(quota, resource, object);
  const constraint = operation === 'CREATE' ? missingRequirements(quota, resource, object) : undefined;
  if (constraint !== undefined) return `failed quota: ${quota.metadata?.name}: ${constraint}`;
  const requested = growth(usage, old === undefined ? new Map() : usageUnder(quota, resource, old));
  return requested.size === 0 ? undefined : exceeding({ quota, resource, requested }, ledger);
}

function quotasFor(request: AdmissionRequest, lookup: AdmissionLookup): readonly ResourceQuota[] {
  const { operation, kind, subresource, key } = request;
  if (operation === 'DELETE' || !kind.namespaced || !CHARGED.includes(subresource)) return [];
  return inNamespace(lookup.list('/resourcequotas'), key.namespace) as readonly ResourceQuota[];
}

function hold(claims: Set<Claim>, request: AdmissionRequest): void {
  const { kind, key, object, onSettled } = request;
  if (onSettled === undefined) return;
  const claim = { resource: `${kind.group}/${kind.plural}`, namespace: key.namespace, name: key.name, object };
  claims.add(claim);
  onSettled(() => claims.delete(claim));
}

/**
 * Namespaces stay within their ResourceQuotas. What is used is counted from the objects themselves, together with
 * writes under way, so that no two writes get the same last place.
 */
export function createResourceQuota(): AdmissionPlugin {
  const claims = new Set<Claim>();
  return {
    name: 'ResourceQuota',
    validate: (request, lookup): StatusError | undefined => {
      const quotas = quotasFor(request, lookup);
      if (quotas.length === 0) return undefined;
      for (const quota of quotas) {
        const why = whyNot(request, quota, { lookup, claims });
        const { group, plural: resource } = request.kind;
        if (why !== undefined) return forbidden({ group, resource, name: request.key.name }, why);
      }
      hold(claims, request);
      return undefined;
    },
  };
}
