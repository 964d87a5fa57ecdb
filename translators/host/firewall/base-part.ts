import { isInRange, parseCidr, parseIp } from '../../../src/machinery/ip.ts';
import type { NftChain, NftPart, NftSet } from '../../formats/nft-table.ts';
import { NFT_FAMILIES, type NftFamily, nftFamily } from './families.ts';

/** What the ruleset needs to know of the network. */
export interface FirewallOptions {
  /** Ranges of Service addresses, one or two families. */
  readonly serviceCidrs: readonly string[];
  /** Ranges of pod addresses. */
  readonly podCidrs: readonly string[];
}

/**
 * The table's frame: hooks just before netavark's own chains, and the maps that all Services and policies share. Without
 * a Service or a policy it lets everything pass. Whatever passes a hook is first asked what spares most packets the rest:
 * one that belongs to a known connection passes a single rule, unless policies have to judge it.
 */
export function basePart(options: FirewallOptions, { hasPolicies }: { readonly hasPolicies: boolean }): NftPart {
  return {
    sets: Object.fromEntries([...NFT_FAMILIES.flatMap(familySets), ...portMaps()]),
    chains: { ...serviceChains(options), ...filterChains(hasPolicies), ...refusalChains(options), ...policyChains() },
  };
}

function familySets({ address, suffix }: NftFamily): [string, NftSet][] {
  const byAddress = `${address} . inet_proto . inet_service`;
  return [
    [`service-addresses${suffix}`, { type: `${byAddress} : verdict` }],
    [`guarded-addresses${suffix}`, { type: `${byAddress} : verdict` }],
    [`unserved-addresses${suffix}`, { type: `${byAddress} : verdict` }],
    [`remote-endpoints${suffix}`, { type: byAddress }],
    [`hairpin${suffix}`, { type: `${address} . ${address}` }],
    [`isolated-ingress${suffix}`, { type: `${address} : verdict` }],
    [`isolated-egress${suffix}`, { type: `${address} : verdict` }],
  ];
}

function familyOf(cidr: string): NftFamily {
  return nftFamily(parseCidr(cidr)?.family ?? 'IPv4');
}

function portMaps(): [string, NftSet][] {
  const type = 'inet_proto . inet_service : verdict';
  return NFT_FAMILIES.flatMap(({ suffix }) => [
    [`service-ports${suffix}`, { type }],
    [`unserved-ports${suffix}`, { type }],
  ]);
}

const each = (rule: (family: NftFamily) => string | readonly string[]): readonly string[] => NFT_FAMILIES.flatMap(rule);

/** Destinations are rewritten once, by the first packet of a connection. */
function serviceChains(options: FirewallOptions): { readonly [name: string]: NftChain } {
  const byAddress = each(({ ip, suffix }) => [
    // Those who may not use a load balancer's address end here, the others come back.
    `${ip} daddr . meta l4proto . th dport vmap @guarded-addresses${suffix}`,
    `${ip} daddr . meta l4proto . th dport vmap @service-addresses${suffix}`,
  ]);
  const byPort = each(
    ({ ip, suffix, loopback }) =>
      `${ip} daddr != ${loopback} fib daddr type local meta l4proto . th dport vmap @service-ports${suffix}`,
  );
  const masquerade = each(({ ip, suffix }) => [
    `${ip} saddr . ${ip} daddr @hairpin${suffix} masquerade`,
    // An endpoint elsewhere answers to whom it sees: that must be this host.
    `ct status dnat ${ip} daddr . meta l4proto . th dport @remote-endpoints${suffix} fib daddr type != local masquerade`,
  ]);
  return {
    'nat-prerouting': {
      hook: 'type nat hook prerouting priority dstnat - 10; policy accept;',
      rules: ['jump services'],
    },
    'nat-output': { hook: 'type nat hook output priority -110; policy accept;', rules: ['jump services'] },
    'nat-postrouting': {
      hook: 'type nat hook postrouting priority srcnat - 10; policy accept;',
      rules: [...masquerade, ...outboundRules(options)],
    },
    services: { rules: [...byAddress, ...byPort] },
  };
}

/** What pods send to others than pods goes by the host's name, as netavark does it for its networks. */
function outboundRules({ podCidrs }: FirewallOptions): readonly string[] {
  return podCidrs.map((cidr) => {
    const { ip, multicast } = familyOf(cidr);
    return `${ip} saddr ${cidr} ${ip} daddr != { ${cidr}, ${multicast} } masquerade`;
  });
}

/**
 * Only packets that begin a connection can meet a Service that nobody serves; policies judge all in its own direction. What a
 * pod sends that belongs to no connection would leave the host with the pod's address.
 */
function filterChains(hasPolicies: boolean): { readonly [name: string]: NftChain } {
  const hook = (name: string) => `type filter hook ${name} priority filter - 10; policy accept;`;
  const sent = 'ct state new jump unserved-or-unknown';
  const forwarded = 'ct state vmap { new : jump unserved-or-unknown, invalid : jump astray }';
  const judged = ['ct direction reply accept', forwarded, 'goto policy-forward'];
  return {
    'filter-input': { hook: hook('input'), rules: ['ct state new jump unserved'] },
    'filter-forward': { hook: hook('forward'), rules: hasPolicies ? judged : [forwarded] },
    'filter-output': { hook: hook('output'), rules: [sent] },
  };
}

/** A Service's address that still stands in a packet was not rewritten: nobody serves it. */
function refusalChains({ serviceCidrs, podCidrs }: FirewallOptions): { readonly [name: string]: NftChain } {
  const unserved = each(({ ip, suffix }) => [
    `${ip} daddr . meta l4proto . th dport vmap @unserved-addresses${suffix}`,
    `meta nfproto ${ip === 'ip' ? 'ipv4' : 'ipv6'} fib daddr type local meta l4proto . th dport vmap @unserved-ports${suffix}`,
  ]);
  const noSuchPort = serviceCidrs.map((cidr) => {
    return `${familyOf(cidr).ip} daddr ${cidr} goto refuse`;
  });
  return {
    unserved: { rules: unserved },
    'unserved-or-unknown': { rules: [...unserved, ...noSuchPort] },
    astray: { rules: podCidrs.map((cidr) => `${familyOf(cidr).ip} saddr ${cidr} drop`) },
    refuse: { rules: ['meta l4proto tcp reject with tcp reset', 'reject'] },
  };
}

/** Neighbours must find each other, whatever a policy says (RFC 4890 §4.4). */
const NEIGHBOURS =
  'icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit, nd-router-advert, mld-listener-query, mld-listener-report, mld2-listener-report }';

/**
 * NetworkPolicies judge what is forwarded: this host itself may always talk to its pods and they to it, as upstream
 * promises. Every packet in a connection's own direction is judged, so that a connection ends when it is no longer allowed.
 */
function policyChains(): { readonly [name: string]: NftChain } {
  const judge = ({ ip, suffix }: NftFamily): readonly string[] => [
    `${ip} saddr . ${ip} daddr @hairpin${suffix} accept`,
    `${ip} daddr vmap @isolated-ingress${suffix}`,
    'goto policy-egress',
  ];
  return {
    'policy-forward': {
      rules: ['ct state related accept', 'meta nfproto ipv6 goto policy-forward6', ...judge(nftFamily('IPv4'))],
    },
    'policy-forward6': { rules: [`${NEIGHBOURS} accept`, ...judge(nftFamily('IPv6'))] },
    'policy-egress': {
      rules: [...each(({ ip, suffix }) => `${ip} saddr vmap @isolated-egress${suffix}`), 'accept'],
    },
  };
}

/** Whether an address is one of the pods' network. */
export function isPodAddress(address: string, { podCidrs }: FirewallOptions): boolean {
  const ip = parseIp(address);
  return ip !== undefined && podCidrs.map(parseCidr).some((range) => range !== undefined && isInRange(range, ip));
}
