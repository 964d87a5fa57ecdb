import { formatIpv4, parseIpv4 } from './ipv4.ts';

/** The kind of an address, as Services and EndpointSlices spell it. */
export type IpFamily = 'IPv4' | 'IPv6';

/** An address as a number. */
export interface Ip {
  readonly family: IpFamily;
  readonly value: bigint;
}

/** A range by its first and last address, both inclusive. */
export interface IpRange {
  readonly family: IpFamily;
  readonly first: bigint;
  readonly last: bigint;
}

const GROUP = /^[0-9a-f]{1,4}$/i;
const DOTTED = /^(.*:)([0-9.]+)$/;
const BITS = /^\d{1,3}$/;

const WIDTHS: { readonly [family in IpFamily]: number } = { IPv4: 32, IPv6: 128 };

/** An embedded dotted quad as two groups; undefined when it isn't one. */
function withoutDottedQuad(text: string): string | undefined {
  const [, head, quad = ''] = DOTTED.exec(text) ?? [];
  if (head === undefined || !quad.includes('.')) return text;
  const value = parseIpv4(quad);
  return value === undefined ? undefined : `${head}${(value >>> 16).toString(16)}:${(value % 65_536).toString(16)}`;
}

function groupsOf(half: string): readonly string[] {
  return half === '' ? [] : half.split(':');
}

function parseIpv6(text: string): bigint | undefined {
  const halves = withoutDottedQuad(text)?.split('::') ?? [];
  if (halves.length === 0 || halves.length > 2) return undefined;
  const [front, back] = [groupsOf(halves[0] ?? ''), groupsOf(halves[1] ?? '')];
  const missing = 8 - front.length - back.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...front, ...Array.from({ length: missing }, () => '0'), ...back];
  if (!groups.every((group) => GROUP.test(group))) return undefined;
  return groups.reduce((value, group) => value * 65_536n + BigInt(`0x${group}`), 0n);
}

/** A strict IPv4 or IPv6 address, without zone; undefined for anything else. */
export function parseIp(text: string): Ip | undefined {
  if (!text.includes(':')) {
    const value = parseIpv4(text);
    return value === undefined ? undefined : { family: 'IPv4', value: BigInt(value) };
  }
  const value = parseIpv6(text);
  return value === undefined ? undefined : { family: 'IPv6', value };
}

/** The family of an address; undefined when it isn't one. */
export function familyOf(text: string): IpFamily | undefined {
  return parseIp(text)?.family;
}

/** The eight groups of an IPv6 address, high first. */
function groups(value: bigint): readonly number[] {
  return Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - i * 16)) & 0xffffn));
}

/** Start and length of the first longest run of zero groups; a single one isn't worth it. */
function longestZeros(parts: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 1 };
  for (let start = 0; start < parts.length; start++) {
    const end = parts.findIndex((part, i) => i >= start && part !== 0);
    const length = (end === -1 ? parts.length : end) - start;
    if (length > best.length) best = { start, length };
  }
  return best;
}

/** The address as everybody writes it (RFC 5952; an IPv4-mapped one in hexadecimal, too). */
export function formatIp({ family, value }: Ip): string {
  if (family === 'IPv4') return formatIpv4(Number(value));
  const parts = groups(value);
  const zeros = longestZeros(parts);
  const text = (some: readonly number[]) => some.map((part) => part.toString(16)).join(':');
  if (zeros.length < 2) return text(parts);
  return `${text(parts.slice(0, zeros.start))}::${text(parts.slice(zeros.start + zeros.length))}`;
}

/** The addresses of `<address>/<bits>`; undefined when it isn't CIDR. */
export function parseCidr(text: string): IpRange | undefined {
  const [address = '', bits = '', ...rest] = text.split('/');
  const ip = parseIp(address);
  if (ip === undefined || rest.length > 0 || !BITS.test(bits)) return undefined;
  const free = WIDTHS[ip.family] - Number(bits);
  if (free < 0) return undefined;
  const first = (ip.value >> BigInt(free)) << BigInt(free);
  return { family: ip.family, first, last: first + (1n << BigInt(free)) - 1n };
}

/** Whether an address lies in a range. */
export function isInRange(range: IpRange, ip: Ip): boolean {
  return range.family === ip.family && ip.value >= range.first && ip.value <= range.last;
}

/** The address `offset` places after the network address of a CIDR. Throws when the CIDR isn't one. */
export function addressInCidr(cidr: string, offset: number): string {
  const range = parseCidr(cidr);
  if (range === undefined) throw new Error(`${cidr} is not a CIDR`);
  return formatIp({ family: range.family, value: range.first + BigInt(offset) });
}
