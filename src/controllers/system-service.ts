import type { EndpointSlice, Endpoints, Service } from '../kinds/types.ts';
import { semanticEqual } from '../machinery/deep.ts';
import type { Registry } from '../registry/registry.ts';
import type { Controller, ObjectChange } from './controller.ts';
import { isDeleting, nameOf, namespaceOf } from './meta.ts';
import { kindOf, type Resource, resourceOf } from './resources.ts';
import { createUnlessThere } from './service-account-defaults.ts';

type Ports = NonNullable<NonNullable<Service['spec']>['ports']>;

/** A Service that every cluster has, answered by the host itself. */
export interface SystemService {
  readonly namespace: string;
  readonly name: string;
  readonly labels: { readonly [key: string]: string };
  readonly clusterIP: string;
  readonly ports: Ports;
  /** IPv4 addresses at which it answers; the port there is `targetPort`. */
  readonly addresses: readonly string[];
}

/** Typed access to what a system Service consists of. */
interface Parts {
  readonly services: Resource<Service>;
  readonly slices: Resource<EndpointSlice>;
  readonly endpoints: Resource<Endpoints>;
}

/** How a controller of a system Service is called, and what else it has to hear of. */
export interface SystemServiceOptions {
  readonly controller: string;
  /** Resources whose changes may change what is wanted. */
  readonly inputs: readonly string[];
  /** The Service as it shall be now. */
  readonly wanted: () => SystemService;
}

const SERVICES = '/services';
const SLICES = 'discovery.k8s.io/endpointslices';
const ENDPOINTS = '/endpoints';

/** The slice of a system Service has its Service's name. Pure. */
export function systemSlice(wanted: SystemService): EndpointSlice {
  const { namespace, name, ports, addresses } = wanted;
  return {
    metadata: { name, namespace, labels: { 'kubernetes.io/service-name': name } } as EndpointSlice['metadata'],
    addressType: 'IPv4',
    endpoints: addresses.map((address) => ({ addresses: [address], conditions: { ready: true } })),
    ports: ports.map((port) => ({ name: port.name ?? '', port: Number(port.targetPort), protocol: port.protocol })),
  } as EndpointSlice;
}

/** What clients that don't know slices find; there is a slice of its own, so that it needs no mirror. Pure. */
export function systemEndpoints({ namespace, name, ports, addresses }: SystemService): Endpoints {
  const labels = { 'endpointslice.kubernetes.io/skip-mirror': 'true' };
  const subset = {
    addresses: addresses.map((ip) => ({ ip })),
    ports: ports.map((port) => ({ name: port.name, port: Number(port.targetPort), protocol: port.protocol })),
  };
  return { metadata: { name, namespace, labels } as Endpoints['metadata'], subsets: [subset] };
}

function systemService({ namespace, name, labels, clusterIP, ports }: SystemService): Service {
  const metadata = { name, namespace, labels } as Service['metadata'];
  return { metadata, spec: { type: 'ClusterIP', clusterIP, ports, sessionAffinity: 'None' } };
}

/** Puts the Service in place. One at another address is replaced: an address can't be changed. */
async function keepService(services: Resource<Service>, wanted: SystemService): Promise<void> {
  const stored = services.find(wanted.namespace, wanted.name);
  if (stored === undefined) return createUnlessThere(() => services.create(systemService(wanted)));
  if (isDeleting(stored)) return;
  if (stored.spec?.clusterIP !== wanted.clusterIP) return services.delete(stored);
  if (semanticEqual(stored.spec.ports, wanted.ports)) return;
  await services.modify(stored, (now) => ({ ...now, spec: { ...now.spec, ports: wanted.ports } }));
}

async function keepSlice(slices: Resource<EndpointSlice>, wanted: SystemService): Promise<void> {
  const slice = systemSlice(wanted);
  const stored = slices.find(wanted.namespace, wanted.name);
  if (stored === undefined) return createUnlessThere(() => slices.create(slice));
  const { endpoints, ports } = slice;
  if (semanticEqual([stored.endpoints, stored.ports], [endpoints, ports])) return;
  await slices.modify(stored, (now) => ({ ...now, endpoints, ports }) as EndpointSlice);
}

async function keepEndpoints(endpoints: Resource<Endpoints>, wanted: SystemService): Promise<void> {
  const object = systemEndpoints(wanted);
  const stored = endpoints.find(wanted.namespace, wanted.name);
  if (stored === undefined) return createUnlessThere(() => endpoints.create(object));
  if (semanticEqual(stored.subsets, object.subsets)) return;
  await endpoints.modify(stored, (now) => ({ ...now, subsets: object.subsets }));
}

/** Keeps one Service of the system and its endpoints as they are wanted, also when somebody deletes them. */
export function systemServiceController(registry: Registry, options: SystemServiceOptions): Controller {
  const { controller, inputs, wanted } = options;
  const parts: Parts = {
    services: resourceOf(registry, kindOf(registry, SERVICES)),
    slices: resourceOf(registry, kindOf(registry, SLICES)),
    endpoints: resourceOf(registry, kindOf(registry, ENDPOINTS)),
  };
  const { namespace, name } = wanted();
  const own = ({ entry: { object } }: ObjectChange): readonly string[] =>
    namespaceOf(object) === namespace && nameOf(object) === name ? [name] : [];
  return {
    name: controller,
    inputs: [
      { resource: SERVICES, keys: own },
      { resource: SLICES, keys: own },
      { resource: ENDPOINTS, keys: own },
      // A create is refused until the namespace is there.
      { resource: '/namespaces', keys: ({ entry }) => (nameOf(entry.object) === namespace ? [name] : []) },
      ...inputs.map((resource) => ({ resource, keys: () => [name] })),
    ],
    outputs: [SERVICES, SLICES, ENDPOINTS].map((what) => ({
      what: `${what} ${namespace}/${name}`,
      mode: 'exclusive' as const,
    })),
    extraKeys: async () => [name],
    reconcile: async () => {
      const now = wanted();
      await keepService(parts.services, now);
      await keepSlice(parts.slices, now);
      await keepEndpoints(parts.endpoints, now);
      return undefined;
    },
  };
}
