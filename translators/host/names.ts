import { isIpAddress } from '../../src/kinds/ip-address.ts';
import type { EndpointSlice, Pod, Service } from '../../src/kinds/types.ts';
import { parseIpv4 } from '../../src/machinery/ipv4.ts';
import type { DnsRecord } from '../formats/zone.ts';
import { reverseName, reverseZones } from './reverse-zones.ts';

/** What the names need to know of the network. */
export interface NamesOptions {
  /** `cluster.local` */
  readonly clusterDomain: string;
  /** Ranges that have names backwards. */
  readonly serviceCidrs: readonly string[];
  readonly podCidrs: readonly string[];
  /** Where the resolver answers as a Service. */
  readonly resolverAddress: string;
}

/** Version of the specification that the records follow. */
const SPECIFICATION = '1.1.0';

/** A name that leads to an address, below a Service. */
interface Endpoint {
  readonly address: string;
  /** Its label below the Service's name. */
  readonly label: string;
  readonly ports: NonNullable<EndpointSlice['ports']>;
}

/** The zones: the cluster domain, and the reverse zones of Services and pods. */
export function zonesOf({ clusterDomain, serviceCidrs, podCidrs }: NamesOptions): readonly string[] {
  return [clusterDomain, ...new Set([...serviceCidrs, ...podCidrs].flatMap(reverseZones))];
}

/** The records that are there without any object. */
export function ownRecords({ clusterDomain, resolverAddress }: NamesOptions): readonly DnsRecord[] {
  return [
    { name: `dns-version.${clusterDomain}`, type: 'TXT', text: SPECIFICATION },
    { name: `ns.dns.${clusterDomain}`, type: 'A', address: resolverAddress },
  ];
}

/** A Service's records, pointers to it among them, by Kubernetes' DNS-based service discovery. */
export function recordsOfService(
  service: Service,
  slices: Iterable<EndpointSlice>,
  { clusterDomain }: NamesOptions,
): readonly DnsRecord[] {
  const name = `${service.metadata?.name}.${service.metadata?.namespace}.svc.${clusterDomain}`;
  return serviceRecords(service, name, [...slices].flatMap(readyEndpoints));
}

function readyEndpoints(slice: EndpointSlice): readonly Endpoint[] {
  if (slice.addressType !== 'IPv4' && slice.addressType !== 'IPv6') return [];
  return (slice.endpoints ?? []).flatMap(({ addresses, conditions, hostname }) => {
    const address = addresses[0] ?? '';
    if (conditions?.ready === false || isIpAddress(address).length > 0) return [];
    return [{ address, label: hostname || dashed(address), ports: slice.ports ?? [] }];
  });
}

/** An address as one label. */
function dashed(address: string): string {
  // No label begins or ends with a dash, as `::1` would.
  return address.replace(/[.:]/g, '-').replace(/^-/, '0-').replace(/-$/, '-0');
}

function addressRecord(name: string, address: string): DnsRecord {
  return { name, type: parseIpv4(address) === undefined ? 'AAAA' : 'A', address };
}

function pointer(address: string, target: string): readonly DnsRecord[] {
  return [{ name: reverseName(address), type: 'PTR', target }];
}

function serviceRecords(service: Service, name: string, endpoints: readonly Endpoint[]): readonly DnsRecord[] {
  const { type, clusterIP, clusterIPs, externalName = '' } = service.spec ?? {};
  if (type === 'ExternalName') return aliasRecords(name, externalName);
  if (clusterIP === 'None') return headlessRecords(name, endpoints);
  const addresses = (clusterIPs ?? [clusterIP ?? '']).filter((address) => isIpAddress(address).length === 0);
  return [
    ...addresses.flatMap((address) => [addressRecord(name, address), ...pointer(address, name)]),
    ...(addresses.length === 0 ? [] : (service.spec?.ports ?? []).flatMap((port) => serverRecord(name, name, port))),
  ];
}

/** An address is no name to point to, and upstream's server answers nothing either. */
function aliasRecords(name: string, externalName: string): readonly DnsRecord[] {
  const target = externalName.replace(/\.$/, '');
  return parseIpv4(target) === undefined ? [{ name, type: 'CNAME', target }] : [];
}

function headlessRecords(name: string, endpoints: readonly Endpoint[]): readonly DnsRecord[] {
  return endpoints.flatMap(({ address, label, ports }) => {
    const own = `${label}.${name}`;
    return [
      addressRecord(name, address),
      addressRecord(own, address),
      ...pointer(address, own),
      ...ports.flatMap((port) => serverRecord(name, own, port)),
    ];
  });
}

interface NamedPort {
  readonly name?: string;
  readonly port?: number;
  readonly protocol?: string;
}

/** Ports without a name have no SRV record. */
function serverRecord(service: string, target: string, { name, port, protocol }: NamedPort): readonly DnsRecord[] {
  if (!name || port === undefined) return [];
  return [{ name: `_${name}._${(protocol ?? 'TCP').toLowerCase()}.${service}`, type: 'SRV', target, port }];
}

/** A pod's records: by its address, whatever its state, until it has ended. */
export function recordsOfPod(pod: Pod, { clusterDomain }: NamesOptions): readonly DnsRecord[] {
  const { podIP = '', podIPs, phase } = pod.status ?? {};
  if (phase === 'Succeeded' || phase === 'Failed') return [];
  const addresses = (podIPs ?? [{ ip: podIP }]).map(({ ip }) => ip ?? '');
  return addresses
    .filter((address) => isIpAddress(address).length === 0)
    .map((address) => addressRecord(`${dashed(address)}.${pod.metadata?.namespace}.pod.${clusterDomain}`, address));
}
