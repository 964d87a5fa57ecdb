import { isIpAddress } from '../../src/kinds/ip-address.ts';
import { isZoneName } from './zone.ts';

/** What the resolver is told, beyond what is always the same. Paths are absolute. */
export interface ResolverConfig {
  /** Where it listens; the addresses need not exist yet. */
  readonly listen: readonly string[];
  /** Zones that it knows by itself, and their files. */
  readonly zones: readonly { readonly name: string; readonly file: string }[];
  /** Domains with resolvers of their own. */
  readonly stubDomains: { readonly [domain: string]: readonly string[] };
  /** Socket of unbound-control. */
  readonly controlSocket: string;
  /** File with the resolvers for everything else; written when the unit starts. */
  readonly forwardersFile: string;
}

const FIXED = `server:
  use-syslog: no
  logfile: ""
  log-servfail: no
  do-daemonize: no
  username: ""
  chroot: ""
  directory: "/"
  pidfile: ""
  num-threads: 1
  outgoing-range: 950
  num-queries-per-thread: 512
  hide-identity: yes
  hide-version: yes
  # Only who is on this host or routed through it reaches the address.
  access-control: 0.0.0.0/0 allow
  access-control: ::/0 allow
  # The host's resolvers may be on the host, and they check signatures if anybody does.
  do-not-query-localhost: no
  module-config: "iterator"
  qname-minimisation: no
  # A name may appear below one that didn't exist a moment ago.
  harden-below-nxdomain: no
  cache-max-ttl: 3600
  cache-max-negative-ttl: 5
  # Private addresses have names here and elsewhere.
  unblock-lan-zones: yes
  insecure-lan-zones: yes
  # Resolvers that were away are tried again soon.
  infra-keep-probing: yes
  infra-host-ttl: 60
`;

/** unbound.conf(5) of the pods' resolver. Zones, domains and addresses that are none are left out. */
export function serializeResolverConfig(config: ResolverConfig): string {
  const { listen, zones, stubDomains, controlSocket, forwardersFile } = config;
  const sound = zones.filter(({ name }) => isZoneName(name));
  return [
    '# The resolver of the pods on this host, written by quadshift; quadshift-dns.service runs it.\n',
    FIXED,
    `${listen.map((address) => `  interface: ${address}\n`).join('')}  ip-freebind: yes\n`,
    // Whatever is said about everything else doesn't hold for these.
    ...sound.map(({ name }) => `  local-zone: "${name}." transparent\n`),
    `remote-control:\n  control-enable: yes\n  control-interface: "${controlSocket}"\n  control-use-cert: no\n`,
    ...sound.map(authZone),
    ...Object.entries(stubDomains).map(([domain, servers]) => forwardZone(domain, servers)),
    `include: "${forwardersFile}"\n`,
  ].join('');
}

/**
 * Answers come out of the iterator, not straight from the zone: so an alias to a name elsewhere is followed. The empty
 * stub keeps the zone's names from the forwarders of everything else, which would come first.
 */
function authZone({ name, file }: { readonly name: string; readonly file: string }): string {
  const how = '  for-downstream: no\n  for-upstream: yes\n  fallback-enabled: no\n';
  return `auth-zone:\n  name: "${name}."\n  zonefile: "${file}"\n${how}stub-zone:\n  name: "${name}."\n`;
}

/** An address, or one with `@port`. */
function isResolver(text: string): boolean {
  const [address = '', port = '53', ...rest] = text.split('@');
  return rest.length === 0 && isIpAddress(address).length === 0 && /^[1-9]\d{0,4}$/.test(port) && Number(port) < 65_536;
}

function forwardZone(domain: string, servers: readonly string[]): string {
  const name = domain.replace(/\.$/, '');
  const sound = servers.filter(isResolver);
  if (!isZoneName(name) || sound.length === 0) return '';
  return `forward-zone:\n  name: "${name}."\n${sound.map((server) => `  forward-addr: ${server}\n`).join('')}`;
}
