import type { EndpointSlice, Service } from '../../src/kinds/types.ts';
import { parseIpv4 } from '../../src/machinery/ipv4.ts';

/** One port of one Service, resolved to addresses: what the data path needs and nothing else. IPv4 for now. */
export interface ServicePort {
  /** `namespace/name/protocol/port`, unique and stable: names the chain. */
  readonly id: string;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
  /** Addresses at which the Service answers on `port`. */
  readonly addresses: readonly string[];
  /** Port on the node's own addresses; undefined when none. */
  readonly nodePort: number | undefined;
  /** Ready endpoints (or serving ones while none is ready), sorted. */
  readonly endpoints: readonly { readonly address: string; readonly port: number }[];
  /** ClientIP affinity in seconds; undefined when none. */
  readonly affinitySeconds: number | undefined;
}

/** Resolves Services with the EndpointSlices that belong to them. Headless and ExternalName ones have no ports here. */
export function resolveServicePorts(
  services: readonly Service[],
  slices: readonly EndpointSlice[],
): readonly ServicePort[] {
  const byService = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    const key = `${slice.metadata?.namespace}/${slice.metadata?.labels?.['kubernetes.io/service-name'] ?? ''}`;
    byService.set(key, [...(byService.get(key) ?? []), slice]);
  }
  return services.flatMap((service) => {
    const key = `${service.metadata?.namespace}/${service.metadata?.name}`;
    return portsOf(service, byService.get(key) ?? []);
  });
}

function portsOf(service: Service, slices: readonly EndpointSlice[]): ServicePort[] {
  const { spec, metadata } = service;
  const addresses = serviceAddresses(service);
  if (!spec?.ports || addresses.length === 0) return [];
  return spec.ports.map((port) => {
    const protocol = (port.protocol ?? 'TCP').toLowerCase() as ServicePort['protocol'];
    return {
      id: `${metadata?.namespace}/${metadata?.name}/${protocol}/${port.port}`,
      protocol,
      port: port.port,
      addresses,
      nodePort: port.nodePort || undefined,
      endpoints: endpointsOf(slices, port.name ?? '', spec.publishNotReadyAddresses === true),
      affinitySeconds: affinityOf(spec),
    };
  });
}

function serviceAddresses(service: Service): string[] {
  const { spec, status } = service;
  if (!spec || spec.type === 'ExternalName' || spec.clusterIP === 'None') return [];
  const ingress = (status?.loadBalancer?.ingress ?? []).flatMap((entry) => (entry.ip ? [entry.ip] : []));
  const all = [...(spec.clusterIPs ?? []), ...(spec.externalIPs ?? []), ...ingress];
  return [...new Set(all.filter(isIpv4))];
}

function affinityOf(spec: NonNullable<Service['spec']>): number | undefined {
  if (spec.sessionAffinity !== 'ClientIP') return undefined;
  return spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10800;
}

function endpointsOf(slices: readonly EndpointSlice[], portName: string, anyState: boolean): ServicePort['endpoints'] {
  const candidates = slices.flatMap((slice) => {
    const port = slice.ports?.find((p) => (p.name ?? '') === portName)?.port;
    if (slice.addressType !== 'IPv4' || port === undefined || !isPort(port)) return [];
    return (slice.endpoints ?? []).map((endpoint) => ({ endpoint, address: endpoint.addresses[0] ?? '', port }));
  });
  const ready = candidates.filter(({ endpoint }) => anyState || endpoint.conditions?.ready !== false);
  // While nothing is ready, terminating endpoints that still serve take the traffic (KEP-1669).
  const serving = candidates.filter(({ endpoint }) => endpoint.conditions?.serving && endpoint.conditions.terminating);
  const chosen = (ready.length > 0 ? ready : serving).filter(({ address }) => isIpv4(address));
  const unique = new Map(chosen.map(({ address, port }) => [`${address}:${port}`, { address, port }]));
  return [...unique.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, endpoint]) => endpoint);
}

/** Strict dotted quad: what may be written into a ruleset. */
function isIpv4(text: string): boolean {
  return parseIpv4(text) !== undefined;
}

/** Slices of users are stored as they come; a port that is none would make nft refuse everybody's rules. */
function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}
