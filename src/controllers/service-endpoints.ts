import type { EndpointSlice, Pod, Service } from '../kinds/types.ts';
import type { IpFamily } from '../machinery/ip.ts';
import type { Registry } from '../registry/registry.ts';
import type { Controller } from './controller.ts';
import {
  applySlices,
  MANAGED_BY,
  planSlices,
  SERVICE_NAME,
  type SlicePlan,
  serviceKey,
  sliceKey,
} from './endpoints/slice-plan.ts';
import { slicesOf } from './indexes.ts';
import { controllerReference, nameOf, namespaceOf, objectKey, splitKey } from './meta.ts';
import { kindOf, type Resource, resourceOf } from './resources.ts';
import {
  endpointLabels,
  familiesOf,
  hasSelector,
  resolvePorts,
  selectedPods,
  selectingServices,
  selects,
  toEndpoint,
} from './service-pods.ts';

const MANAGER = 'endpointslice-controller.k8s.io';

/** EndpointSlices of Services with a selector, as kube-controller-manager's endpointslice controller keeps them. */
export function serviceEndpointsController(registry: Registry): Controller {
  const services: Resource<Service> = resourceOf(registry, kindOf(registry, '/services'));
  const pods: Resource<Pod> = resourceOf(registry, kindOf(registry, '/pods'));
  const slices: Resource<EndpointSlice> = resourceOf(registry, kindOf(registry, 'discovery.k8s.io/endpointslices'));
  return {
    name: 'service-endpoints',
    inputs: [
      { resource: '/services', keys: ({ entry }) => [objectKey(entry.object)] },
      { resource: '/pods', keys: (change) => selectingServices(services, change) },
      { resource: 'discovery.k8s.io/endpointslices', keys: ({ entry }) => [serviceKey(entry.object as EndpointSlice)] },
    ],
    outputs: [{ what: 'discovery.k8s.io/endpointslices of pods', mode: 'exclusive' }],
    reconcile: async (key) => {
      const { namespace, name } = splitKey(key);
      const service = services.find(namespace, name);
      const present = slicesOf(key, slices).filter(isOurs);
      await applySlices(slices, planEndpoints(service, service ? selectedPods(service, pods) : [], present));
      return undefined;
    },
  };
}

/** Pure: the Service (undefined when it is gone), the pods of its namespace and its slices → what to write. */
export function planEndpoints(
  service: Service | undefined,
  pods: readonly Pod[],
  present: readonly EndpointSlice[],
): SlicePlan {
  return planSlices(service, service ? wantedSlices(service, pods) : [], present);
}

/** One slice per family and set of resolved ports: a named target port may differ between pods. */
function wantedSlices(service: Service, pods: readonly Pod[]): EndpointSlice[] {
  if (!hasSelector(service) || service.spec?.type === 'ExternalName') return [];
  const selected = pods.filter((pod) => selects(service, pod));
  return familiesOf(service).flatMap((family) => slicesOfFamily(service, selected, family));
}

function slicesOfFamily(service: Service, pods: readonly Pod[], family: IpFamily): EndpointSlice[] {
  const groups = new Map<string, EndpointSlice>();
  for (const pod of pods) {
    const endpoint = toEndpoint(service, pod, family);
    if (endpoint === undefined) continue;
    const slice = emptySlice(service, family, resolvePorts(service, pod));
    const group = groups.get(sliceKey(slice)) ?? slice;
    groups.set(sliceKey(slice), { ...group, endpoints: [...(group.endpoints ?? []), endpoint] });
  }
  return groups.size > 0 ? [...groups.values()] : [emptySlice(service, family, [])];
}

/** The Service's labels, but for those that are the slice's own. */
function labelsOf(service: Service): { readonly [key: string]: string } {
  return { ...endpointLabels(service), [MANAGED_BY]: MANAGER, [SERVICE_NAME]: nameOf(service) };
}

function emptySlice(service: Service, family: IpFamily, ports: EndpointSlice['ports']): EndpointSlice {
  return {
    metadata: {
      generateName: `${nameOf(service)}-`,
      namespace: namespaceOf(service),
      labels: labelsOf(service),
      ownerReferences: [controllerReference(service, { apiVersion: 'v1', kind: 'Service' })],
    } as EndpointSlice['metadata'],
    addressType: family,
    endpoints: [],
    ports,
  };
}

function isOurs(slice: EndpointSlice): boolean {
  return slice.metadata?.labels?.[MANAGED_BY] === MANAGER;
}
