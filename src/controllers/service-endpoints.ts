import type { EndpointSlice, Pod, Service } from '../kinds/types.ts';
import type { Registry } from '../registry/registry.ts';
import type { Controller } from './controller.ts';
import { controllerReference, isControlledBy, nameOf, namespaceOf, objectKey, splitKey } from './meta.ts';
import { kindOf, type Resource, resourceOf } from './resources.ts';
import { resolvePorts, selects, toEndpoint } from './service-pods.ts';

const MANAGED_BY = 'endpointslice-controller.k8s.io';
const SERVICE_NAME = 'kubernetes.io/service-name';

/** What has to change so that a Service's slices tell the truth. */
export interface EndpointPlan {
  readonly create: readonly EndpointSlice[];
  readonly update: readonly EndpointSlice[];
  readonly remove: readonly EndpointSlice[];
}

/** EndpointSlices of Services with a selector, as kube-controller-manager's endpointslice controller keeps them. */
export function serviceEndpointsController(registry: Registry): Controller {
  const services: Resource<Service> = resourceOf(registry, kindOf(registry, '/services'));
  const pods: Resource<Pod> = resourceOf(registry, kindOf(registry, '/pods'));
  const slices: Resource<EndpointSlice> = resourceOf(registry, kindOf(registry, 'discovery.k8s.io/endpointslices'));
  const selecting = (pod: Pod | undefined): readonly string[] =>
    pod === undefined
      ? []
      : services
          .list(namespaceOf(pod))
          .filter((s) => selects(s, pod))
          .map(objectKey);
  return {
    name: 'service-endpoints',
    inputs: [
      { resource: '/services', keys: ({ entry }) => [objectKey(entry.object)] },
      {
        resource: '/pods',
        keys: ({ entry, previous }) => [...selecting(entry.object as Pod), ...selecting(previous?.object as Pod)],
      },
      { resource: 'discovery.k8s.io/endpointslices', keys: ({ entry }) => [serviceKey(entry.object as EndpointSlice)] },
    ],
    outputs: [{ what: 'discovery.k8s.io/endpointslices', mode: 'exclusive' }],
    reconcile: async (key) => {
      const { namespace, name } = splitKey(key);
      const service = services.find(namespace, name);
      const present = slices.list(namespace).filter((slice) => isOurs(slice) && serviceKey(slice) === key);
      const plan = planEndpoints(service, service ? pods.list(namespace) : [], present);
      for (const slice of plan.create) await slices.create(slice);
      for (const slice of plan.update) await slices.modify(slice, () => slice);
      for (const slice of plan.remove) await slices.delete(slice);
      return undefined;
    },
  };
}

/** Pure: the Service (undefined when it is gone), the pods of its namespace and its slices → what to write. */
export function planEndpoints(
  service: Service | undefined,
  pods: readonly Pod[],
  present: readonly EndpointSlice[],
): EndpointPlan {
  const wanted = service ? wantedSlices(service, pods) : [];
  const owned = service ? present.filter((slice) => isControlledBy(slice, service)) : [];
  const matches = wanted.map((slice) => ({ slice, old: owned.find((o) => portsKey(o) === portsKey(slice)) }));
  const kept = new Set(matches.map(({ old }) => old));
  return {
    create: matches.filter(({ old }) => old === undefined).map(({ slice }) => slice),
    update: matches.flatMap(({ slice, old }) =>
      old && !sameEndpoints(old, slice) ? [{ ...old, endpoints: slice.endpoints }] : [],
    ),
    remove: present.filter((slice) => !kept.has(slice)),
  };
}

/** One slice per set of resolved ports: a named target port may differ between pods. */
function wantedSlices(service: Service, pods: readonly Pod[]): EndpointSlice[] {
  if (!service.spec?.selector || service.spec.type === 'ExternalName') return [];
  const groups = new Map<string, EndpointSlice>();
  for (const pod of pods) {
    const endpoint = selects(service, pod) ? toEndpoint(service, pod) : undefined;
    if (endpoint === undefined) continue;
    const slice = emptySlice(service, resolvePorts(service, pod));
    const group = groups.get(portsKey(slice)) ?? slice;
    groups.set(portsKey(slice), { ...group, endpoints: [...(group.endpoints ?? []), endpoint] });
  }
  return groups.size > 0 ? [...groups.values()] : [emptySlice(service, [])];
}

function emptySlice(service: Service, ports: EndpointSlice['ports']): EndpointSlice {
  const headless = service.spec?.clusterIP === 'None' ? { 'service.kubernetes.io/headless': '' } : {};
  return {
    metadata: {
      generateName: `${nameOf(service)}-`,
      namespace: namespaceOf(service),
      labels: {
        ...service.metadata?.labels,
        'endpointslice.kubernetes.io/managed-by': MANAGED_BY,
        [SERVICE_NAME]: nameOf(service),
        ...headless,
      },
      ownerReferences: [controllerReference(service, { apiVersion: 'v1', kind: 'Service' })],
    } as EndpointSlice['metadata'],
    addressType: 'IPv4',
    endpoints: [],
    ports,
  };
}

function serviceKey(slice: EndpointSlice): string {
  return `${namespaceOf(slice)}/${slice.metadata?.labels?.[SERVICE_NAME] ?? ''}`;
}

function isOurs(slice: EndpointSlice): boolean {
  return slice.metadata?.labels?.['endpointslice.kubernetes.io/managed-by'] === MANAGED_BY;
}

function portsKey(slice: EndpointSlice): string {
  return (slice.ports ?? [])
    .map((p) => `${p.name ?? ''}/${p.protocol ?? 'TCP'}/${p.port}`)
    .sort()
    .join(',');
}

function sameEndpoints(a: EndpointSlice, b: EndpointSlice): boolean {
  const text = (slice: EndpointSlice) =>
    (slice.endpoints ?? [])
      .map((e) =>
        [
          e.addresses[0],
          e.conditions?.ready,
          e.conditions?.serving,
          e.conditions?.terminating,
          e.targetRef?.uid,
        ].join(),
      )
      .sort()
      .join('|');
  return text(a) === text(b);
}
