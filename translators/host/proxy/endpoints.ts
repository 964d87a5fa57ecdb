import { isIpAddress } from '../../../src/kinds/ip-address.ts';
import type { EndpointSlice, Service } from '../../../src/kinds/types.ts';
import type { ProxyServer } from './site.ts';

type SlicePort = NonNullable<EndpointSlice['ports']>[number];

/** Which of a Service's ports is meant: the Service with its slice port's name and number. */
export type PortChoice = (port: { readonly name: string; readonly number: number }, service: Service) => boolean;

/** What a Service's name leads to. */
export interface Destination {
  readonly namespace: string;
  readonly service: string;
  readonly port: PortChoice;
}

/** Finds the ready endpoints of Services. */
export type EndpointLookup = (destination: Destination) => readonly Omit<ProxyServer, 'weight'>[];

/** The ready endpoints of all Services; those that still serve while they end step in while none is ready. */
export function endpointLookup(services: readonly Service[], slices: readonly EndpointSlice[]): EndpointLookup {
  const known = new Map(services.map((each) => [`${each.metadata?.namespace}/${each.metadata?.name}`, each]));
  const byService = new Map<string, EndpointSlice[]>();
  for (const slice of slices) {
    const key = `${slice.metadata?.namespace}/${slice.metadata?.labels?.['kubernetes.io/service-name'] ?? ''}`;
    byService.set(key, [...(byService.get(key) ?? []), slice]);
  }
  return ({ namespace, service, port }) => {
    const key = `${namespace}/${service}`;
    const found = known.get(key);
    if (found === undefined) return [];
    const own = primarySlices(byService.get(key) ?? [], found);
    const all = own.flatMap((slice) => candidates(slice, (each) => port(each, found)));
    const ready = all.filter(({ state }) => state === 'ready');
    const chosen = ready.length > 0 ? ready : all.filter(({ state }) => state === 'serving');
    const unique = new Map(chosen.map((each) => [`${each.address} ${each.port}`, each]));
    return [...unique]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, { address, port: number, h2c }]) => ({ service, address, port: number, h2c }));
  };
}

/** Slices of the Service's first family, where there are any: of a pod with two addresses one is enough. */
function primarySlices(slices: readonly EndpointSlice[], { spec }: Service): readonly EndpointSlice[] {
  const primary = slices.filter(({ addressType }) => addressType === (spec?.ipFamilies?.[0] ?? addressType));
  return primary.some(({ endpoints }) => (endpoints ?? []).length > 0) ? primary : slices;
}

interface Candidate {
  readonly address: string;
  readonly port: number;
  readonly h2c: boolean;
  readonly state: 'ready' | 'serving' | 'away';
}

function candidates(slice: EndpointSlice, isMeant: (port: { name: string; number: number }) => boolean): Candidate[] {
  if (slice.addressType !== 'IPv4' && slice.addressType !== 'IPv6') return [];
  const ports = (slice.ports ?? []).filter((port) => isUsable(port) && isMeant(identityOf(port)));
  return (slice.endpoints ?? []).flatMap(({ addresses, conditions }) => {
    const address = addresses[0] ?? '';
    if (isIpAddress(address).length > 0) return [];
    const serving = conditions?.serving === true && conditions.terminating === true;
    const state = conditions?.ready !== false ? 'ready' : serving ? 'serving' : 'away';
    return ports.map((port) => ({ address, port: port.port ?? 0, h2c: isH2c(port), state }) satisfies Candidate);
  });
}

/** Slices of users are stored as they come. */
function isUsable({ port, protocol = 'TCP' }: SlicePort): boolean {
  return protocol === 'TCP' && port !== undefined && Number.isInteger(port) && port > 0 && port < 65_536;
}

function identityOf({ name = '', port = 0 }: SlicePort): { name: string; number: number } {
  return { name, number: port };
}

function isH2c({ appProtocol }: SlicePort): boolean {
  return appProtocol === 'kubernetes.io/h2c' || appProtocol === 'h2c';
}

/** The port of an Ingress: a port of the Service, by its number or name. */
export function servicePort(wanted: { readonly name?: string; readonly number?: number }): PortChoice {
  return (port, service) =>
    (service.spec?.ports ?? []).some(
      ({ name = '', port: number }) =>
        name === port.name && (wanted.name ? name === wanted.name : number === wanted.number),
    );
}

/** The port of a Route: the endpoints' own, by name or number, or the Service's target; all where none is named. */
export function targetPort(wanted: number | string | undefined): PortChoice {
  return (port, service) => {
    if (wanted === undefined || wanted === '') return true;
    if (String(wanted) === port.name || String(wanted) === String(port.number)) return true;
    const named = (service.spec?.ports ?? []).filter(({ name = '' }) => name === port.name);
    return named.some((each) => [each.targetPort, each.port].map(String).includes(String(wanted)));
  };
}
