import type { EndpointSlice, Endpoints, Service } from '../kinds/types.ts';
import { formatIp, type IpFamily, parseIp } from '../machinery/ip.ts';
import type { Registry } from '../registry/registry.ts';
import type { Controller } from './controller.ts';
import {
  applySlices,
  MANAGED_BY,
  planSlices,
  SERVICE_NAME,
  type SlicePlan,
  serviceKey,
} from './endpoints/slice-plan.ts';
import { repackSubsets } from './endpoints/subsets.ts';
import type { EventRecorder } from './events.ts';
import { slicesOf } from './indexes.ts';
import { controllerReference, nameOf, namespaceOf, objectKey, splitKey } from './meta.ts';
import { kindOf, type Resource, resourceOf } from './resources.ts';
import { hasSelector } from './service-pods.ts';

type Subset = NonNullable<Endpoints['subsets']>[number];
type Address = NonNullable<Subset['addresses']>[number];
type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];

const MANAGER = 'endpointslicemirroring-controller.k8s.io';
const SKIP = 'endpointslice.kubernetes.io/skip-mirror';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
/** Annotations that are about the Endpoints object alone. */
const OWN_ANNOTATIONS = new Set([
  'endpoints.kubernetes.io/last-change-trigger-time',
  'kubectl.kubernetes.io/last-applied-configuration',
]);
/** Most addresses of one subset that are mirrored. */
const MAX_ENDPOINTS = 1000;

/** Whether hand-made Endpoints are to be shown as slices: those of a Service without a selector. Pure. */
export function isMirrored(endpoints: Endpoints | undefined, service: Service | undefined): endpoints is Endpoints {
  if (endpoints === undefined || service === undefined || hasSelector(service)) return false;
  const { labels = {}, annotations = {} } = endpoints.metadata ?? {};
  return labels[SKIP] !== 'true' && annotations[LEADER] === undefined;
}

function endpointOf({ ip, hostname, nodeName, targetRef }: Address, ready: boolean): Endpoint | undefined {
  const parsed = parseIp(ip);
  if (parsed === undefined) return undefined;
  return {
    addresses: [formatIp(parsed)],
    conditions: { ready },
    ...(hostname ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    ...(targetRef ? { targetRef } : {}),
  };
}

function metadataOf(endpoints: Endpoints): EndpointSlice['metadata'] {
  const annotations = Object.entries(endpoints.metadata?.annotations ?? {}).filter(
    ([key]) => !OWN_ANNOTATIONS.has(key),
  );
  const labels = { ...endpoints.metadata?.labels, [SERVICE_NAME]: nameOf(endpoints), [MANAGED_BY]: MANAGER };
  return {
    generateName: `${nameOf(endpoints)}-`,
    namespace: namespaceOf(endpoints),
    labels,
    ...(annotations.length > 0 ? { annotations: Object.fromEntries(annotations) } : {}),
    ownerReferences: [controllerReference(endpoints, { apiVersion: 'v1', kind: 'Endpoints' })],
  } as EndpointSlice['metadata'];
}

function slicesOfSubset(endpoints: Endpoints, subset: Subset): readonly EndpointSlice[] {
  const all = [
    ...(subset.addresses ?? []).flatMap((address) => endpointOf(address, true) ?? []),
    ...(subset.notReadyAddresses ?? []).flatMap((address) => endpointOf(address, false) ?? []),
  ].slice(0, MAX_ENDPOINTS);
  const ports = (subset.ports ?? []).map(({ name = '', ...port }) => ({ name, ...port }));
  return (['IPv4', 'IPv6'] as const).flatMap((addressType: IpFamily) => {
    const own = all.filter(({ addresses }) => parseIp(addresses[0] ?? '')?.family === addressType);
    return own.length === 0 ? [] : [{ metadata: metadataOf(endpoints), addressType, endpoints: own, ports }];
  });
}

/** Pure: Endpoints (undefined when they aren't to be mirrored) and their slices → what to write. */
export function planMirror(endpoints: Endpoints | undefined, present: readonly EndpointSlice[]): SlicePlan {
  const subsets = repackSubsets(endpoints?.subsets ?? []);
  const wanted = endpoints ? subsets.flatMap((subset) => slicesOfSubset(endpoints, subset)) : [];
  return planSlices(endpoints, wanted, present);
}

/** How many addresses were left out because they are none. */
function countInvalid({ subsets = [] }: Endpoints): number {
  const all = subsets.flatMap(({ addresses = [], notReadyAddresses = [] }) => [...addresses, ...notReadyAddresses]);
  return all.filter(({ ip }) => parseIp(ip) === undefined).length;
}

function reportInvalid(recorder: EventRecorder, endpoints: Endpoints): void {
  const count = countInvalid(endpoints);
  if (count === 0) return;
  recorder.record(endpoints, {
    type: 'Warning',
    reason: 'InvalidIPAddress',
    message: `Skipped ${count} invalid IP addresses when mirroring to EndpointSlices`,
    component: 'endpoint-slice-mirroring-controller',
  });
}

/** Shows hand-made Endpoints of Services without a selector as EndpointSlices, as upstream's mirroring controller. */
export function endpointSliceMirroringController(registry: Registry, recorder: EventRecorder): Controller {
  const services: Resource<Service> = resourceOf(registry, kindOf(registry, '/services'));
  const endpoints: Resource<Endpoints> = resourceOf(registry, kindOf(registry, '/endpoints'));
  const slices: Resource<EndpointSlice> = resourceOf(registry, kindOf(registry, 'discovery.k8s.io/endpointslices'));
  const isOurs = (slice: EndpointSlice): boolean => slice.metadata?.labels?.[MANAGED_BY] === MANAGER;
  return {
    name: 'endpoint-slice-mirroring',
    inputs: [
      { resource: '/services', keys: ({ entry }) => [objectKey(entry.object)] },
      { resource: '/endpoints', keys: ({ entry }) => [objectKey(entry.object)] },
      {
        resource: 'discovery.k8s.io/endpointslices',
        keys: ({ entry }) => (isOurs(entry.object as EndpointSlice) ? [serviceKey(entry.object as EndpointSlice)] : []),
      },
    ],
    outputs: [{ what: 'discovery.k8s.io/endpointslices of Endpoints', mode: 'exclusive' }],
    reconcile: async (key) => {
      const { namespace, name } = splitKey(key);
      const stored = endpoints.find(namespace, name);
      const mirrored = isMirrored(stored, services.find(namespace, name)) ? stored : undefined;
      const present = slicesOf(key, slices).filter(isOurs);
      const plan = planMirror(mirrored, present);
      await applySlices(slices, plan);
      if (mirrored && plan.create.length + plan.update.length > 0) reportInvalid(recorder, mirrored);
      return undefined;
    },
  };
}
