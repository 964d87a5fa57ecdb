import { addressInCidr } from '../../machinery/ip.ts';

/** IPv4 as a number. */
function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** The usable addresses of a pod network: neither the network, nor the gateway (the first), nor the broadcast. */
function usable(cidr: string): { readonly first: number; readonly count: number } {
  const [base = '', prefix = '32'] = cidr.split('/');
  const size = 2 ** (32 - Number(prefix));
  const network = Math.floor(toNumber(base) / size) * size;
  return { first: network + 2, count: Math.max(0, size - 3) };
}

/** Most addresses that are kept for timers' pods. */
const MOST_FOR_TIMERS = 256;

function forTimers(count: number): number {
  return Math.min(MOST_FOR_TIMERS, Math.floor(count / 8));
}

/** The last addresses of the network: for pods that timers make while nobody gives out addresses. */
export function timerAddresses(cidr: string): { readonly first: string; readonly count: number } {
  const { first, count } = usable(cidr);
  return { first: toAddress(first + count - forTimers(count)), count: forTimers(count) };
}

/** Addresses that pods are given by us. */
function givenOut(cidr: string): { readonly first: number; readonly count: number } {
  const { first, count } = usable(cidr);
  return { first, count: count - forTimers(count) };
}

/**
 * The next free address after `last`, wrapping round: an address that was just given up is used again as late as
 * possible. Undefined when all are taken. Pure.
 */
export function nextAddress(
  cidr: string,
  taken: Pick<ReadonlySet<string>, 'has'>,
  last: string | undefined,
): string | undefined {
  const { first, count } = givenOut(cidr);
  const start = last === undefined ? 0 : toNumber(last) - first + 1;
  for (let i = 0; i < count; i++) {
    const offset = (((start + i) % count) + count) % count;
    const address = toAddress(first + offset);
    if (!taken.has(address)) return address;
  }
  return undefined;
}

/** The greatest of the addresses that we gave out of a network; undefined without any. */
export function highestAddress(cidr: string, addresses: Iterable<string>): string | undefined {
  const { first, count } = givenOut(cidr);
  const ours = [...addresses].filter((address) => toNumber(address) < first + count);
  return ours.sort((a, b) => toNumber(a) - toNumber(b)).at(-1);
}

/** An address of the first network with those at the same place of the others: unique as it is. */
export function pairedAddresses(address: string, cidrs: readonly string[]): readonly string[] {
  const [own = '', ...others] = cidrs;
  const place = toNumber(address) - (usable(own).first - 2);
  return [address, ...others.map((cidr) => addressInCidr(cidr, place))];
}
