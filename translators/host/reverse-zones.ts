import { type Ip, type IpRange, parseCidr, parseIp } from '../../src/machinery/ip.ts';

/** How a family is written backwards: in octets or in nibbles. */
const STEPS = {
  IPv4: { bits: 8, labels: 4, radix: 10, suffix: 'in-addr.arpa' },
  IPv6: { bits: 4, labels: 32, radix: 16, suffix: 'ip6.arpa' },
} as const;

/** The address's first labels, as many as asked for, backwards. */
function backwards({ family, value }: Ip, count: number): string {
  const { bits, labels, radix, suffix } = STEPS[family];
  const mask = (1n << BigInt(bits)) - 1n;
  const label = (i: number) => ((value >> BigInt(bits * (labels - 1 - i))) & mask).toString(radix);
  return [...Array.from({ length: count }, (_, i) => label(count - 1 - i)), suffix].join('.');
}

/** `5.0.42.10.in-addr.arpa` for `10.42.0.5`, nibbles and `ip6.arpa` for IPv6; '' for what is no address. */
export function reverseName(address: string): string {
  const ip = parseIp(address);
  return ip === undefined ? '' : backwards(ip, STEPS[ip.family].labels);
}

/**
 * The reverse zones that cover a range and nothing else: one for a range of whole labels, several for one that ends
 * within a label (RFC 1035, 3.5; RFC 3596, 2.5).
 */
export function reverseZones(cidr: string): readonly string[] {
  const range = parseCidr(cidr);
  return range === undefined ? [] : zonesOf(range, Number(cidr.split('/')[1]));
}

function zonesOf({ family, first, last }: IpRange, prefix: number): readonly string[] {
  const { bits, labels } = STEPS[family];
  const count = Math.min(labels - 1, Math.ceil(prefix / bits));
  const step = 1n << BigInt(bits * (labels - count));
  const zones: string[] = [];
  for (let value = first; value <= last; value += step) zones.push(backwards({ family, value }, count));
  return zones;
}
