import type { KubernetesObject, ObjectKey } from '../machinery/object.ts';
import type { EndpointSlice, Service } from './types.ts';

/** What is looked up on the way to a Service. */
export interface ServiceLookup {
  readonly lookup: {
    /** `resource` is `<group>/<plural>`, `/services` for a core one. */
    readonly get: (resource: string, key: ObjectKey) => KubernetesObject | undefined;
    readonly list: (resource: string) => readonly KubernetesObject[];
  };
  readonly random: (below: number) => number;
}

/** Where to connect to. */
export interface ServiceAddress {
  readonly host: string;
  readonly port: number;
}

function slicesOf(lookup: ServiceLookup['lookup'], namespace: string, name: string): readonly EndpointSlice[] {
  const all = lookup.list('discovery.k8s.io/endpointslices') as readonly EndpointSlice[];
  return all.filter(
    ({ metadata }) => metadata?.namespace === namespace && metadata.labels?.['kubernetes.io/service-name'] === name,
  );
}

/** Ready addresses behind one port of a Service. */
function endpointsOf(slices: readonly EndpointSlice[], portName: string): readonly ServiceAddress[] {
  return slices.flatMap(({ ports = [], endpoints = [] }) => {
    const port = ports.find(({ name = '' }) => name === portName)?.port;
    if (port === undefined) return [];
    const ready = endpoints.filter(({ conditions }) => conditions?.ready !== false);
    return ready.flatMap(({ addresses }) => addresses.map((host) => ({ host, port })));
  });
}

/**
 * Where a connection to a port of a Service goes: a ready pod behind it, or the host that it names. Throws an Error
 * with upstream's sentence.
 */
export function resolveService(
  { lookup, random }: ServiceLookup,
  { namespace, name, port }: { readonly namespace: string; readonly name: string; readonly port: number },
): ServiceAddress {
  const service = lookup.get('/services', { namespace, name }) as Service | undefined;
  if (service === undefined) throw new Error(`service "${name}" not found`);
  const { type, externalName = '', ports = [] } = service.spec ?? {};
  if (type === 'ExternalName') return { host: externalName, port };
  const found = ports.find((each) => each.port === port);
  if (found === undefined) throw new Error(`no service port ${port} found for service "${name}"`);
  const endpoints = endpointsOf(slicesOf(lookup, namespace, name), found.name ?? '');
  const chosen = endpoints[random(Math.max(endpoints.length, 1))];
  if (chosen === undefined) throw new Error(`no endpoints available for service "${name}"`);
  return chosen;
}
