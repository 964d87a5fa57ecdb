import type { EndpointSlice, Service } from '../../src/kinds/types.ts';
import { formatIp, type IpFamily, parseCidr, parseIp } from '../../src/machinery/ip.ts';

/** Where a connection may be sent. */
export interface ServiceTarget {
  readonly address: string;
  readonly port: number;
}

/** One port of one Service in one family, resolved to addresses: what the data path needs and nothing else. */
export interface ServicePort {
  readonly namespace: string;
  /** `name/protocol/port`, with `/ipv6` for the second family: unique in its namespace and stable. Names the chains. */
  readonly id: string;
  readonly family: IpFamily;
  readonly protocol: 'tcp' | 'udp' | 'sctp';
  readonly port: number;
  /** Addresses for those inside: the cluster IPs. */
  readonly clusterAddresses: readonly string[];
  /** Addresses for those outside: external IPs. */
  readonly externalAddresses: readonly string[];
  /** Addresses of the load balancer, which `sourceRanges` guard. */
  readonly balancerAddresses: readonly string[];
  /** Port on the node's own addresses; undefined when none. */
  readonly nodePort: number | undefined;
  /** Ready endpoints (or serving ones while none is ready), sorted. */
  readonly endpoints: readonly ServiceTarget[];
  /** The same among those of this node. */
  readonly localEndpoints: readonly ServiceTarget[];
  /** Whether only local endpoints will do for connections from inside, from outside. */
  readonly internalLocal: boolean;
  readonly externalLocal: boolean;
  /** Who may use the load balancer's addresses; undefined: everybody. */
  readonly sourceRanges: readonly string[] | undefined;
  /** ClientIP affinity in seconds; undefined when none. */
  readonly affinitySeconds: number | undefined;
}

/** Other proxies take care of Services and slices with such a label, or nobody shall. */
const FOREIGN_LABELS = ['service.kubernetes.io/service-proxy-name', 'service.kubernetes.io/headless'];
const PROTOCOLS = ['tcp', 'udp', 'sctp'] as const;
const FAMILIES: readonly IpFamily[] = ['IPv4', 'IPv6'];

/** A Service with its EndpointSlices, as seen from this node. Headless and ExternalName ones have no ports here. Pure. */
export function resolveServicePorts(
  service: Service,
  slices: readonly EndpointSlice[],
  nodeName: string,
): readonly ServicePort[] {
  const { spec } = service;
  if (!spec?.ports || isForeign(service) || spec.type === 'ExternalName' || spec.clusterIP === 'None') return [];
  const own = slices.filter((slice) => !isForeign(slice));
  return FAMILIES.flatMap((family) => portsOf(service, own, { family, nodeName }));
}

function isForeign({ metadata }: Service | EndpointSlice): boolean {
  return FOREIGN_LABELS.some((label) => metadata?.labels?.[label] !== undefined);
}

interface Site {
  readonly family: IpFamily;
  readonly nodeName: string;
}

type Spec = NonNullable<Service['spec']>;
type SpecPort = NonNullable<Spec['ports']>[number];

function portsOf(service: Service, slices: readonly EndpointSlice[], site: Site): ServicePort[] {
  const { spec = {}, metadata } = service;
  const shared = {
    namespace: metadata?.namespace ?? '',
    family: site.family,
    ...addressesOf(service, site.family),
    ...policiesOf(spec, site.family),
  };
  // The cluster IPs say which families a Service has.
  if (shared.clusterAddresses.length === 0) return [];
  return (spec.ports ?? []).flatMap((port) => {
    const protocol = PROTOCOLS.find((known) => known === (port.protocol ?? 'TCP').toLowerCase());
    if (protocol === undefined || !isPort(port.port)) return [];
    const suffix = site.family === 'IPv6' ? '/ipv6' : '';
    const id = `${metadata?.name}/${protocol}/${port.port}${suffix}`;
    return [
      { ...shared, id, protocol, port: port.port, nodePort: nodePortOf(port), ...endpointsOf(slices, port, site) },
    ];
  });
}

function nodePortOf({ nodePort }: SpecPort): number | undefined {
  return nodePort !== undefined && isPort(nodePort) ? nodePort : undefined;
}

function addressesOf({ spec, status }: Service, family: IpFamily) {
  // With the mode Proxy, the load balancer wants to see the traffic before we do.
  const ingress = (status?.loadBalancer?.ingress ?? []).filter(({ ip, ipMode }) => ip && ipMode !== 'Proxy');
  const isBalanced = spec?.type === 'LoadBalancer';
  return {
    clusterAddresses: ofFamily(spec?.clusterIPs ?? [], family),
    externalAddresses: ofFamily(spec?.externalIPs ?? [], family),
    balancerAddresses: isBalanced
      ? ofFamily(
          ingress.map(({ ip = '' }) => ip),
          family,
        )
      : [],
  };
}

/** Strictly parsed and written anew: what may stand in a ruleset. */
function ofFamily(addresses: readonly string[], family: IpFamily): readonly string[] {
  const parsed = addresses.map(parseIp).filter((ip) => ip?.family === family);
  return [...new Set(parsed.flatMap((ip) => (ip ? [formatIp(ip)] : [])))];
}

function policiesOf(spec: Spec, family: IpFamily) {
  const ranges = spec.type === 'LoadBalancer' ? (spec.loadBalancerSourceRanges ?? []) : [];
  const known = ranges.map((range) => range.trim()).filter((range) => parseCidr(range)?.family === family);
  return {
    internalLocal: spec.internalTrafficPolicy === 'Local',
    externalLocal: spec.externalTrafficPolicy === 'Local',
    sourceRanges: ranges.length > 0 ? known : undefined,
    affinitySeconds: affinityOf(spec),
  };
}

/** What upstream sets where nothing is said, and the longest that it allows; nft refuses other things than numbers of seconds. */
const AFFINITY_SECONDS = { unsaid: 10_800, most: 86_400 };

function affinityOf(spec: Spec): number | undefined {
  if (spec.sessionAffinity !== 'ClientIP') return undefined;
  const { timeoutSeconds = AFFINITY_SECONDS.unsaid } = spec.sessionAffinityConfig?.clientIP ?? {};
  const isSane = Number.isInteger(timeoutSeconds) && timeoutSeconds > 0 && timeoutSeconds <= AFFINITY_SECONDS.most;
  return isSane ? timeoutSeconds : AFFINITY_SECONDS.unsaid;
}

interface Candidate extends ServiceTarget {
  readonly isReady: boolean;
  readonly isLastResort: boolean;
  readonly isLocal: boolean;
}

function endpointsOf(slices: readonly EndpointSlice[], port: SpecPort, site: Site) {
  const candidates = slices.flatMap((slice) => candidatesOf(slice, port, site));
  return { endpoints: choose(candidates), localEndpoints: choose(candidates.filter(({ isLocal }) => isLocal)) };
}

function candidatesOf(slice: EndpointSlice, wanted: SpecPort, { family, nodeName }: Site): readonly Candidate[] {
  const isIt = (p: { readonly name?: string; readonly protocol?: string }) =>
    (p.name ?? '') === (wanted.name ?? '') && (p.protocol ?? 'TCP') === (wanted.protocol ?? 'TCP');
  const port = slice.ports?.find(isIt)?.port;
  if (slice.addressType !== family || port === undefined || !isPort(port)) return [];
  return (slice.endpoints ?? []).flatMap(({ addresses, conditions, nodeName: node }) => {
    const address = parseIp(addresses[0] ?? '');
    if (address?.family !== family) return [];
    const { ready = true, serving = ready, terminating = false } = conditions ?? {};
    const state = { isReady: ready, isLastResort: serving && terminating, isLocal: node === nodeName };
    return [{ address: formatIp(address), port, ...state }];
  });
}

/** While nothing is ready, terminating endpoints that still serve take the traffic (KEP-1669). */
function choose(candidates: readonly Candidate[]): readonly ServiceTarget[] {
  const ready = candidates.filter(({ isReady }) => isReady);
  const chosen = ready.length > 0 ? ready : candidates.filter(({ isLastResort }) => isLastResort);
  const unique = new Map(chosen.map(({ address, port }) => [`${address} ${port}`, { address, port }]));
  return [...unique.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, endpoint]) => endpoint);
}

/** Whether nft takes the number: slices of users are stored as they come, and one that is none would stop everybody's rules. */
export function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}
