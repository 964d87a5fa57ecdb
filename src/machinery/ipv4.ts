/** An IPv4 range by its first and last address, both as 32-bit numbers and both inclusive. */
export interface Ipv4Range {
  readonly first: number;
  readonly last: number;
}

const OCTET = /^(0|[1-9]\d{0,2})$/;

/** A strict dotted quad as a 32-bit number; undefined for anything else. */
export function parseIpv4(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => OCTET.test(part) && Number(part) <= 255)) return undefined;
  return parts.reduce((value, part) => value * 256 + Number(part), 0);
}

/** The dotted quad of a 32-bit number. */
export function formatIpv4(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
}

/** The addresses of `a.b.c.d/bits`, network and broadcast address included; undefined when it isn't IPv4 CIDR. */
export function parseIpv4Cidr(text: string): Ipv4Range | undefined {
  const [address = '', bits = '', ...rest] = text.split('/');
  const value = parseIpv4(address);
  if (value === undefined || rest.length > 0 || !/^\d{1,2}$/.test(bits) || Number(bits) > 32) return undefined;
  const size = 2 ** (32 - Number(bits));
  const first = Math.floor(value / size) * size;
  return { first, last: first + size - 1 };
}

/** The address `offset` places after the network address of a CIDR. Throws when the CIDR isn't one. */
export function addressInCidr(cidr: string, offset: number): string {
  const range = parseIpv4Cidr(cidr);
  if (range === undefined) throw new Error(`${cidr} is not an IPv4 CIDR`);
  return formatIpv4(range.first + offset);
}
