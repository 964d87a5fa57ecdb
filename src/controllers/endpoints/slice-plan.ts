import type { EndpointSlice } from '../../kinds/types.ts';
import { semanticEqual } from '../../machinery/deep.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import { isControlledBy, isDeleting, namespaceOf } from '../meta.ts';
import type { Resource } from '../resources.ts';
import { createUnlessThere } from '../service-account-defaults.ts';

/** Label of a slice: who keeps it. */
export const MANAGED_BY = 'endpointslice.kubernetes.io/managed-by';

/** Label of a slice: its Service. */
export const SERVICE_NAME = 'kubernetes.io/service-name';

/** What has to change so that an owner's slices tell the truth. */
export interface SlicePlan {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
}

/** `namespace/name` of a slice's Service. */
export function serviceKey(slice: EndpointSlice): string {
  return `${namespaceOf(slice)}/${slice.metadata?.labels?.[SERVICE_NAME] ?? ''}`;
}

/** What a slice is found again by: its family and its ports. */
export function sliceKey(slice: EndpointSlice): string {
  const ports = (slice.ports ?? []).map(({ name = '', protocol = 'TCP', port, appProtocol = '' }) =>
    [name, protocol, port, appProtocol].join('/'),
  );
  return [slice.addressType, ...ports.sort()].join(',');
}

/** The slices that an owner (undefined when it is gone) shall have, beside those that carry its name → what to write. */
export function planSlices(
  owner: KubernetesObject | undefined,
  wanted: readonly EndpointSlice[],
  present: readonly EndpointSlice[],
): SlicePlan {
  const owned = owner ? present.filter((slice) => isControlledBy(slice, owner)) : [];
  const matches = wanted.map((slice) => ({ slice, old: owned.find((o) => sliceKey(o) === sliceKey(slice)) }));
  const kept = new Set(matches.map(({ old }) => old));
  // Whoever is going gets nothing new.
  const mayCreate = owner !== undefined && !isDeleting(owner);
  return {
    create: mayCreate ? matches.filter(({ old }) => old === undefined).map(({ slice }) => slice) : [],
    update: matches.flatMap(({ slice, old }) => (old && !isSame(old, slice) ? [withFacts(old, slice)] : [])),
    remove: present.filter((slice) => !kept.has(slice)),
  };
}

/** Writes a plan. A namespace that is going takes no new slices, which is fine. */
export async function applySlices(slices: Resource<EndpointSlice>, plan: SlicePlan): Promise<void> {
  for (const slice of plan.create) await createUnlessThere(() => slices.create(slice));
  for (const slice of plan.update) await slices.modify(slice, () => slice);
  for (const slice of plan.remove) await slices.delete(slice);
}

function withFacts(old: EndpointSlice, { endpoints, metadata }: EndpointSlice): EndpointSlice {
  const { labels, annotations } = metadata ?? {};
  return { ...old, endpoints, metadata: { ...old.metadata, labels, annotations } as EndpointSlice['metadata'] };
}

/** Equal metadata and endpoints, the latter in whatever order. */
function isSame(a: EndpointSlice, b: EndpointSlice): boolean {
  const facts = ({ metadata }: EndpointSlice) => [metadata?.labels ?? {}, metadata?.annotations ?? {}];
  return endpointsText(a) === endpointsText(b) && semanticEqual(facts(a), facts(b));
}

function endpointsText(slice: EndpointSlice): string {
  const texts = (slice.endpoints ?? []).map(({ addresses, conditions, hostname, nodeName, targetRef }) => {
    const { ready, serving, terminating } = conditions ?? {};
    return [addresses[0], ready, serving, terminating, hostname, nodeName, targetRef?.uid].join();
  });
  return texts.sort().join('|');
}
