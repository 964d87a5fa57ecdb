import type { Pod, Service } from '../../../src/kinds/types.ts';
import type { Variable } from './variable.ts';

/** The Service that every pod hears of, whatever its `enableServiceLinks` says. */
const API_SERVICE = { namespace: 'default', name: 'kubernetes' };

/**
 * Variables that tell a container of the Services of its namespace and of the API server, as the kubelet makes them:
 * `WEB_SERVICE_HOST`, `WEB_SERVICE_PORT` and Docker's link variables.
 */
export function serviceVariables(pod: Pod, services: readonly Service[]): readonly Variable[] {
  return visibleServices(pod, services).flatMap((service) => {
    const { clusterIP = '', ports = [] } = service.spec ?? {};
    const prefix = variableName(service.metadata?.name ?? '');
    const named = ports.filter(({ name }) => name);
    return [
      variable(`${prefix}_SERVICE_HOST`, clusterIP),
      variable(`${prefix}_SERVICE_PORT`, String(ports[0]?.port)),
      ...named.map(({ name = '', port }) => variable(`${prefix}_SERVICE_PORT_${variableName(name)}`, String(port))),
      ...linkVariables(prefix, clusterIP, ports),
    ];
  });
}

/** By name; one of the pod's own namespace hides the API server's. */
function visibleServices(pod: Pod, services: readonly Service[]): readonly Service[] {
  const own = pod.spec?.enableServiceLinks === false ? undefined : pod.metadata?.namespace;
  const seen = new Map<string, Service>();
  for (const service of services) {
    const { name = '', namespace } = service.metadata ?? {};
    const isApi = namespace === API_SERVICE.namespace && name === API_SERVICE.name;
    if (!hasAddress(service) || (namespace !== own && (!isApi || seen.has(name)))) continue;
    seen.set(name, service);
  }
  return [...seen.values()].toSorted((a, b) => ((a.metadata?.name ?? '') < (b.metadata?.name ?? '') ? -1 : 1));
}

function hasAddress({ spec }: Service): boolean {
  return ![undefined, '', 'None'].includes(spec?.clusterIP) && (spec?.ports ?? []).length > 0;
}

type Ports = NonNullable<NonNullable<Service['spec']>['ports']>;

/** What `docker run --link` used to set. */
function linkVariables(prefix: string, address: string, ports: Ports): readonly Variable[] {
  return ports.flatMap(({ port, protocol = 'TCP' }, index) => {
    const host = address.includes(':') ? `[${address}]` : address;
    const url = `${protocol.toLowerCase()}://${host}:${port}`;
    const name = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
    return [
      ...(index === 0 ? [variable(`${prefix}_PORT`, url)] : []),
      variable(name, url),
      variable(`${name}_PROTO`, protocol.toLowerCase()),
      variable(`${name}_PORT`, String(port)),
      variable(`${name}_ADDR`, address),
    ];
  });
}

function variableName(name: string): string {
  return name.replaceAll('-', '_').toUpperCase();
}

function variable(name: string, value: string): Variable {
  return { name, value, isSecret: false };
}
