import type { NftSet } from '../../formats/nft-table.ts';
import { isPort } from '../service-ports.ts';
import { NFT_FAMILIES, type NftFamily } from './families.ts';

/** A port of a NetworkPolicy's rule. */
export interface PolicyPort {
  readonly protocol?: string;
  readonly port?: number | string;
  readonly endPort?: number;
}

/** A match of ports; `family` when it holds in one only. */
export interface PortMatch {
  readonly match: string;
  readonly family: NftFamily | undefined;
}

const PROTOCOLS = ['TCP', 'UDP', 'SCTP'];

/** IANA_SVC_NAME: what a named port may be called. */
const PORT_NAME = /^[a-z0-9-]{1,15}$/;

/** The set that knows which pods have a port of this name at which number; undefined when there can't be one. */
export function namedPortSet(protocol: string, name: string, family: NftFamily): string | undefined {
  if (!PROTOCOLS.includes(protocol) || !PORT_NAME.test(name)) return undefined;
  return `port${family.suffix}-${protocol.toLowerCase()}-${name}`;
}

/** Declarations of the sets that these ports look into. */
export function namedPortSets(ports: readonly PolicyPort[]): { readonly [name: string]: NftSet } {
  const sets = ports.flatMap(({ protocol = 'TCP', port }) =>
    NFT_FAMILIES.flatMap((family): [string, NftSet][] => {
      const name = typeof port === 'string' ? namedPortSet(protocol, port, family) : undefined;
      return name === undefined ? [] : [[name, { type: `${family.address} . inet_service` }]];
    }),
  );
  return Object.fromEntries(sets);
}

/** What a packet has to satisfy to be meant by one of the ports; one empty match when there are none: any will do. */
export function portMatches(ports: readonly PolicyPort[] | undefined): readonly PortMatch[] {
  if (ports === undefined || ports.length === 0) return [{ match: '', family: undefined }];
  return PROTOCOLS.flatMap((protocol) => {
    const own = ports.filter((port) => (port.protocol ?? 'TCP') === protocol);
    return [...numberMatches(protocol, own), ...nameMatches(protocol, own)];
  });
}

function numberMatches(protocol: string, ports: readonly PolicyPort[]): readonly PortMatch[] {
  if (ports.length === 0) return [];
  const of = `meta l4proto ${protocol.toLowerCase()}`;
  if (ports.some(({ port }) => port === undefined)) return [{ match: of, family: undefined }];
  const ranges = joinedRanges(ports);
  return ranges.length === 0 ? [] : [{ match: `${of} th dport { ${ranges.join(', ')} }`, family: undefined }];
}

function joinedRanges(ports: readonly PolicyPort[]): readonly string[] {
  const ranges = ports.flatMap(({ port, endPort = port }) =>
    typeof port === 'number' && isPort(port) && isPort(Number(endPort)) && Number(endPort) >= port
      ? [{ port, end: Number(endPort) }]
      : [],
  );
  const joined: { port: number; end: number }[] = [];
  for (const range of ranges.sort((a, b) => a.port - b.port)) {
    const before = joined.at(-1);
    if (before === undefined || range.port > before.end + 1) joined.push({ ...range });
    else before.end = Math.max(before.end, range.end);
  }
  return joined.map(({ port, end }) => (port === end ? `${port}` : `${port}-${end}`));
}

/** A name means the number that the packet's own destination gives it. */
function nameMatches(protocol: string, ports: readonly PolicyPort[]): readonly PortMatch[] {
  const names = new Set(ports.flatMap(({ port }) => (typeof port === 'string' ? [port] : [])));
  return [...names].flatMap((name) =>
    NFT_FAMILIES.flatMap((family) => {
      const set = namedPortSet(protocol, name, family);
      const match = `meta l4proto ${protocol.toLowerCase()} ${family.ip} daddr . th dport @${set}`;
      return set === undefined ? [] : [{ match, family }];
    }),
  );
}
