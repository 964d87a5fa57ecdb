import { type Overload, overload } from '../overload.ts';
import type { CelType } from '../types.ts';
import { type AbstractValue, CelError } from '../values.ts';

const IP: CelType = { kind: 'abstract', name: 'net.IP' };
const CIDR: CelType = { kind: 'abstract', name: 'net.CIDR' };

/** An address: its bits, and how many there are. */
interface IpValue extends AbstractValue {
  readonly bits: bigint;
  readonly width: 32 | 128;
}

/** A range of addresses. */
interface CidrValue extends AbstractValue {
  readonly ip: IpValue;
  readonly prefix: number;
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split('.');
  const fine = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  return fine ? parts.reduce((bits, part) => bits * 256n + BigInt(part), 0n) : undefined;
}

function groupsOf(text: string): readonly bigint[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  return groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group)) ? groups.map((g) => BigInt(`0x${g}`)) : undefined;
}

function parseV6(text: string): bigint | undefined {
  const halves = text.split('::');
  const [left, right] = halves.map(groupsOf);
  if (halves.length > 2 || left === undefined || (halves.length === 2 && right === undefined)) return undefined;
  const missing = 8 - left.length - (right?.length ?? 0);
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const all = [...left, ...Array.from({ length: missing }, () => 0n), ...(right ?? [])];
  return all.reduce((bits, group) => bits * 65536n + group, 0n);
}

function printV6(bits: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((bits >> BigInt(112 - 16 * i)) & 0xffffn).toString(16)).join(':');
  const zeros = [...groups.matchAll(/(?:^|:)0(?::0)+(?=:|$)/g)].sort((a, b) => b[0].length - a[0].length)[0];
  if (zeros === undefined) return groups;
  const end = zeros.index + zeros[0].length;
  return `${groups.slice(0, zeros.index)}::${groups.slice(end).replace(/^:/, '')}`;
}

function printIp({ bits, width }: Pick<IpValue, 'bits' | 'width'>): string {
  if (width === 128) return printV6(bits);
  return [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 255n)).join('.');
}

function ipOf(bits: bigint, width: 32 | 128): IpValue {
  return { celType: IP, identity: printIp({ bits, width }), bits, width };
}

function parseIp(text: string): IpValue | undefined {
  const v4 = parseV4(text);
  if (v4 !== undefined) return ipOf(v4, 32);
  const v6 = parseV6(text);
  return v6 === undefined ? undefined : ipOf(v6, 128);
}

function requireIp(text: string): IpValue {
  const ip = parseIp(text);
  if (ip === undefined)
    throw new CelError(`IP Address ${JSON.stringify(text)} parse error during conversion from string`);
  return ip;
}

function isCanonical(text: string): boolean {
  return requireIp(text).identity === text;
}

function parseCidr(text: string): CidrValue | undefined {
  const [, address = '', bits = ''] = /^(.+)\/(0|[1-9]\d{0,2})$/.exec(text) ?? [];
  const ip = parseIp(address);
  const prefix = Number(bits);
  if (ip === undefined || prefix > ip.width) return undefined;
  return { celType: CIDR, identity: `${ip.identity}/${prefix}`, ip, prefix };
}

function requireCidr(text: string): CidrValue {
  const cidr = parseCidr(text);
  if (cidr === undefined)
    throw new CelError(`network address parse error during conversion from string: ${JSON.stringify(text)}`);
  return cidr;
}

function network(bits: bigint, { ip, prefix }: CidrValue): bigint {
  const rest = BigInt(ip.width - prefix);
  return (bits >> rest) << rest;
}

function containsIp(cidr: CidrValue, ip: IpValue): boolean {
  return ip.width === cidr.ip.width && network(ip.bits, cidr) === network(cidr.ip.bits, cidr);
}

function containsCidr(cidr: CidrValue, other: CidrValue): boolean {
  return other.prefix >= cidr.prefix && containsIp(cidr, other.ip);
}

function masked(cidr: CidrValue): CidrValue {
  const ip = ipOf(network(cidr.ip.bits, cidr), cidr.ip.width);
  return { ...cidr, ip, identity: `${ip.identity}/${cidr.prefix}` };
}

const inRange = ({ bits, width }: IpValue, v4: string, v6: string): boolean => {
  const range = requireCidr(width === 32 ? v4 : v6);
  return containsIp(range, ipOf(bits, width));
};

const cost = (text: string): number => text.length / 10;

/** Kubernetes' addresses and ranges of them. */
export const addresses: readonly Overload[] = [
  overload('ip(string): net.IP', requireIp, cost),
  overload('isIP(string): bool', (text: string) => parseIp(text) !== undefined, cost),
  overload('ip::isCanonical(string): bool', isCanonical, cost),
  overload('string(net.IP): string', (ip: IpValue) => ip.identity),
  overload('net.IP.family(): int', (ip: IpValue) => (ip.width === 32 ? 4n : 6n)),
  overload('net.IP.isUnspecified(): bool', (ip: IpValue) => ip.bits === 0n),
  overload('net.IP.isLoopback(): bool', (ip: IpValue) => inRange(ip, '127.0.0.0/8', '::1/128')),
  overload('net.IP.isLinkLocalMulticast(): bool', (ip: IpValue) => inRange(ip, '224.0.0.0/24', 'ff02::/16')),
  overload('net.IP.isLinkLocalUnicast(): bool', (ip: IpValue) => inRange(ip, '169.254.0.0/16', 'fe80::/10')),
  overload('net.IP.isGlobalUnicast(): bool', (ip: IpValue) => isGlobalUnicast(ip)),
  overload('cidr(string): net.CIDR', requireCidr, cost),
  overload('isCIDR(string): bool', (text: string) => parseCidr(text) !== undefined, cost),
  overload('string(net.CIDR): string', (cidr: CidrValue) => cidr.identity),
  overload('net.CIDR.containsIP(net.IP): bool', containsIp),
  overload('net.CIDR.containsIP(string): bool', (cidr: CidrValue, text: string) => containsIp(cidr, requireIp(text))),
  overload('net.CIDR.containsCIDR(net.CIDR): bool', containsCidr),
  overload('net.CIDR.containsCIDR(string): bool', (cidr: CidrValue, text: string) =>
    containsCidr(cidr, requireCidr(text)),
  ),
  overload('net.CIDR.ip(): net.IP', (cidr: CidrValue) => cidr.ip),
  overload('net.CIDR.masked(): net.CIDR', masked),
  overload('net.CIDR.prefixLength(): int', (cidr: CidrValue) => BigInt(cidr.prefix)),
];

/** Go's IsGlobalUnicast: everything but broadcast, unspecified, loopback, multicast and link-local. */
function isGlobalUnicast(ip: IpValue): boolean {
  const multicast = inRange(ip, '224.0.0.0/4', 'ff00::/8');
  const local = inRange(ip, '127.0.0.0/8', '::1/128') || inRange(ip, '169.254.0.0/16', 'fe80::/10');
  const broadcast = ip.width === 32 && ip.bits === 0xffffffffn;
  return ip.bits !== 0n && !multicast && !local && !broadcast;
}
