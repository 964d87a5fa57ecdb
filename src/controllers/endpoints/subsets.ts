import type { Endpoints, Pod, Service } from '../../kinds/types.ts';
import { nameOf } from '../meta.ts';
import { familiesOf, resolvePorts, selects, toEndpoint } from '../service-pods.ts';

type Subset = NonNullable<Endpoints['subsets']>[number];
type Address = NonNullable<Subset['addresses']>[number];
type Port = NonNullable<Subset['ports']>[number];

/** An address as it stands for one port. */
interface Entry {
  readonly address: Address;
  readonly ready: boolean;
}

/** Most addresses that one Endpoints object lists. */
const CAPACITY = 1000;

function portKey({ name = '', protocol = 'TCP', port, appProtocol = '' }: Port): string {
  return JSON.stringify([name, protocol, port, appProtocol]);
}

function addressKey({ ip, targetRef, hostname = '' }: Address): string {
  return JSON.stringify([ip, targetRef?.uid ?? '', hostname]);
}

function byText<T>(text: (item: T) => string): (a: T, b: T) => number {
  return (a, b) => (text(a) < text(b) ? -1 : text(a) > text(b) ? 1 : 0);
}

/** One that is ready somewhere is ready. */
function addEntries(entries: Map<string, Entry>, { addresses = [], notReadyAddresses = [] }: Subset): void {
  for (const address of notReadyAddresses) {
    if (!entries.has(addressKey(address))) entries.set(addressKey(address), { address, ready: false });
  }
  for (const address of addresses) entries.set(addressKey(address), { address, ready: true });
}

/** The addresses of each port, by the port's key; '' is for no port at all. */
function entriesByPort(subsets: readonly Subset[]): ReadonlyMap<string, ReadonlyMap<string, Entry>> {
  const ports = new Map<string, Map<string, Entry>>();
  for (const subset of subsets) {
    const keys = (subset.ports ?? []).map(portKey);
    for (const key of keys.length === 0 ? [''] : keys) {
      const entries = ports.get(key) ?? new Map<string, Entry>();
      ports.set(key, entries);
      addEntries(entries, subset);
    }
  }
  return ports;
}

function subsetOf(entries: readonly Entry[], ports: readonly Port[]): Subset {
  const of = (ready: boolean) => entries.filter((entry) => entry.ready === ready).map(({ address }) => address);
  const [addresses, notReadyAddresses] = [of(true), of(false)];
  return {
    ...(addresses.length > 0 ? { addresses } : {}),
    ...(notReadyAddresses.length > 0 ? { notReadyAddresses } : {}),
    ...(ports.length > 0 ? { ports } : {}),
  };
}

/** The same addresses and ports with as few subsets as possible, in an order that only depends on them. Pure. */
export function repackSubsets(subsets: readonly Subset[]): readonly Subset[] {
  const known = new Map(subsets.flatMap(({ ports = [] }) => ports.map((port) => [portKey(port), port] as const)));
  const groups = new Map<string, { readonly entries: readonly Entry[]; readonly ports: Port[] }>();
  for (const [key, found] of [...entriesByPort(subsets)].sort(byText(([key]) => key))) {
    const entries = [...found.values()].sort(byText(({ address }) => addressKey(address)));
    const port = known.get(key);
    const same = JSON.stringify([port === undefined, entries.map((one) => [addressKey(one.address), one.ready])]);
    const group = groups.get(same) ?? { entries, ports: [] };
    if (port !== undefined) group.ports.push(port);
    groups.set(same, group);
  }
  return [...groups.values()].map(({ entries, ports }) => subsetOf(entries, ports));
}

/** A pod's subset for a Service; undefined when it doesn't count. Leaving pods count where unready ones do. */
function subsetOfPod(service: Service, pod: Pod): Subset | undefined {
  const endpoint = selects(service, pod) ? toEndpoint(service, pod, familiesOf(service)[0] ?? 'IPv4') : undefined;
  if (endpoint === undefined) return undefined;
  const { publishNotReadyAddresses = false, ports: wanted = [], clusterIP } = service.spec ?? {};
  if (endpoint.conditions?.terminating && !publishNotReadyAddresses) return undefined;
  const ports = resolvePorts(service, pod).map(({ name, ...port }) => ({ ...(name ? { name } : {}), ...port }) as Port);
  if (ports.length === 0 && (wanted.length > 0 || clusterIP !== 'None')) return undefined;
  const { hostname, nodeName, targetRef, addresses } = endpoint;
  const address: Address = {
    ip: addresses[0] ?? '',
    ...(hostname ? { hostname } : {}),
    ...(nodeName ? { nodeName } : {}),
    ...(targetRef ? { targetRef } : {}),
  };
  return { [endpoint.conditions?.ready ? 'addresses' : 'notReadyAddresses']: [address], ports };
}

/** Subsets of a Service's pods, as kube-controller-manager's endpoints controller lists them. Pure. */
export function subsetsOfPods(service: Service, pods: readonly Pod[]): readonly Subset[] {
  const counted = pods.toSorted(byText(nameOf)).flatMap((pod) => subsetOfPod(service, pod) ?? []);
  return repackSubsets(counted.slice(0, CAPACITY));
}
