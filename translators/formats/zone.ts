import { isIpAddress } from '../../src/kinds/ip-address.ts';
import { parseIpv4 } from '../../src/machinery/ipv4.ts';

/** What a record says, by type. Names are absolute, without the final dot. */
export type DnsData =
  | { readonly type: 'A' | 'AAAA'; readonly address: string }
  | { readonly type: 'CNAME' | 'PTR'; readonly target: string }
  | { readonly type: 'SRV'; readonly target: string; readonly port: number }
  | { readonly type: 'TXT'; readonly text: string };

/** One record. */
export type DnsRecord = DnsData & { readonly name: string };

/** One zone as a value. */
export interface Zone {
  /** Absolute, without the final dot: `cluster.local`. */
  readonly origin: string;
  /** Lines of `zoneLine`, each once, sorted. */
  readonly lines: readonly string[];
}

/** Seconds for which clients may keep an answer, and that there is none. */
const TTL = 5;

const LABEL = /^[a-z0-9_]([-a-z0-9_]*[a-z0-9])?$/i;

/** Whether text may stand in a zone file as a name: nothing in it can end a line, start a comment or leave its field. */
export function isZoneName(name: string): boolean {
  return name.length <= 253 && name.split('.').every((label) => label.length <= 63 && LABEL.test(label));
}

/** The zone file (RFC 1035, 5.1): the same lines give the same bytes. */
export function serializeZone({ origin, lines }: Zone): string {
  const server = `ns.dns.${origin}.`;
  // Nobody copies the zone, so the serial only has to differ when the content does.
  const soa = `@ SOA ${server} hostmaster.${origin}. ${hash(lines)} 7200 1800 86400 ${TTL}`;
  const about = '; Names of the Services on this host, compiled by quadshift.';
  return [about, `$ORIGIN ${origin}.`, `$TTL ${TTL}`, soa, `@ NS ${server}`, ...lines, ''].join('\n');
}

/** A record as a line of its zone; undefined for one that can't be written. */
export function zoneLine(record: DnsRecord, origin: string): string | undefined {
  const data = dataOf(record);
  if (data === undefined || !isZoneName(record.name) || !record.name.endsWith(`.${origin}`)) return undefined;
  const owner = record.name.slice(0, -origin.length - 1).toLowerCase();
  return `${owner} ${record.type} ${data}`;
}

function dataOf(record: DnsRecord): string | undefined {
  switch (record.type) {
    case 'A':
      return parseIpv4(record.address) === undefined ? undefined : record.address;
    case 'AAAA':
      return record.address.includes(':') && isIpAddress(record.address).length === 0 ? record.address : undefined;
    case 'CNAME':
    case 'PTR':
      return isZoneName(record.target) ? `${record.target}.` : undefined;
    case 'SRV':
      return isPort(record.port) && isZoneName(record.target) ? `0 100 ${record.port} ${record.target}.` : undefined;
    case 'TXT':
      return /^[\w.-]+$/.test(record.text) ? `"${record.text}"` : undefined;
    default:
      return record satisfies never;
  }
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}

/** FNV-1a, 32 bits. */
function hash(lines: readonly string[]): number {
  let value = 0x811c9dc5;
  for (const line of lines) {
    for (let i = 0; i <= line.length; i++) {
      value = Math.imul(value ^ (i < line.length ? line.charCodeAt(i) : 10), 0x01000193);
    }
  }
  return value >>> 0;
}
