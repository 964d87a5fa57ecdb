import { formatIpv4, parseIpv4Cidr } from '../../src/machinery/ipv4.ts';

const SUFFIX = 'in-addr.arpa';

/** `5.0.42.10.in-addr.arpa` for `10.42.0.5`. */
export function reverseName(address: string): string {
  return `${address.split('.').reverse().join('.')}.${SUFFIX}`;
}

/**
 * The reverse zones that cover a range and nothing else: one for a range of whole octets, several for one that ends
 * within an octet (RFC 1035, 3.5).
 */
export function reverseZones(cidr: string): readonly string[] {
  const range = parseIpv4Cidr(cidr);
  if (range === undefined) return [];
  const octets = Math.min(3, Math.ceil(Number(cidr.split('/')[1]) / 8));
  const step = 2 ** (32 - 8 * octets);
  const zones: string[] = [];
  for (let first = range.first; first <= range.last; first += step) {
    const labels = formatIpv4(first).split('.').slice(0, octets).reverse();
    zones.push(`${labels.join('.')}.${SUFFIX}`);
  }
  return zones;
}
