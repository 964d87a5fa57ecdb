import type { NetworkInterfaceInfo } from 'node:os';

/** An address of the host. */
export interface HostAddress {
  readonly address: string;
  readonly family: 'IPv4' | 'IPv6';
  readonly interface: string;
}

/** Interfaces that container engines and hypervisors make: nobody reaches the host through them. */
const VIRTUAL = /^(lo|podman|cni|docker|br-|veth|virbr|quadshift|tap|tun|flannel|cali)/;

/**
 * Addresses under which others reach the host: those of the default route's interface first. Loopback, link-local
 * and container bridges don't count. A host without network has none.
 * `routes` is the text of /proc/net/route.
 */
export function hostAddresses(
  interfaces: { readonly [name: string]: readonly NetworkInterfaceInfo[] | undefined },
  routes: string,
): readonly HostAddress[] {
  const preferred = defaultInterface(routes);
  const all = Object.entries(interfaces).flatMap(([name, infos]) =>
    (infos ?? []).filter(isReachable).map(({ address, family }) => ({ address, family, interface: name })),
  );
  const real = all.filter((one) => one.interface === preferred || !VIRTUAL.test(one.interface));
  const rank = (one: HostAddress): number => (one.interface === preferred ? 0 : 2) + (one.family === 'IPv4' ? 0 : 1);
  return real.toSorted((a, b) => rank(a) - rank(b));
}

const isReachable = (info: NetworkInterfaceInfo): boolean => !info.internal && !info.address.startsWith('fe80:');

/** The interface of the default route with the lowest metric; '' when there is none. */
function defaultInterface(routes: string): string {
  const defaults = routes
    .split('\n')
    .map((line) => line.split('\t').map((field) => field.trim()))
    .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000');
  return defaults.toSorted((a, b) => Number(a[6]) - Number(b[6]))[0]?.[0] ?? '';
}
