import type { NftChain, NftSet, NftTable } from '../formats/nft-table.ts';
import type { ServicePort } from './service-ports.ts';

/** What the ruleset needs to know of the network. */
export interface FirewallOptions {
  readonly serviceCidr: string;
}

/**
 * Services as one nftables table, `inet quadshift`: a verdict map by address, protocol and port leads to one chain per
 * Service port, which rewrites the destination to a random ready endpoint. Hooks in just before netavark's own chains.
 */
export function translateFirewall(ports: readonly ServicePort[], options: FirewallOptions): NftTable {
  const served = ports.filter((port) => port.endpoints.length > 0);
  const unserved = ports.filter((port) => port.endpoints.length === 0);
  const chains: { [name: string]: NftChain } = {
    ...baseChains(options),
    refuse: { rules: ['meta l4proto tcp reject with tcp reset', 'reject'] },
  };
  const sets: { [name: string]: NftSet } = {};
  for (const port of served) {
    if (port.affinitySeconds === undefined) chains[chainName(port)] = { rules: [spread(port)] };
    else addAffinity(port, port.affinitySeconds, chains, sets);
  }
  return {
    family: 'inet',
    name: 'quadshift',
    sets: { ...sets, ...verdictMaps(served, unserved), hairpin: hairpinSet(served) },
    chains,
  };
}

function baseChains({ serviceCidr }: FirewallOptions): { [name: string]: NftChain } {
  const unserved = [
    'ct state new ip daddr . meta l4proto . th dport vmap @unserved-addresses',
    'ct state new fib daddr type local meta l4proto . th dport vmap @unserved-ports',
  ];
  return {
    'nat-prerouting': {
      hook: 'type nat hook prerouting priority dstnat - 10; policy accept;',
      rules: ['jump services'],
    },
    'nat-output': { hook: 'type nat hook output priority -110; policy accept;', rules: ['jump services'] },
    'nat-postrouting': {
      hook: 'type nat hook postrouting priority srcnat - 10; policy accept;',
      rules: ['ip saddr . ip daddr @hairpin masquerade'],
    },
    'filter-input': { hook: 'type filter hook input priority filter - 10; policy accept;', rules: unserved },
    'filter-forward': {
      hook: 'type filter hook forward priority filter - 10; policy accept;',
      // A service address that still stands here was not translated: no such port.
      rules: [...unserved, `ct state new ip daddr ${serviceCidr} goto refuse`],
    },
    'filter-output': {
      hook: 'type filter hook output priority filter - 10; policy accept;',
      rules: [...unserved, `ct state new ip daddr ${serviceCidr} goto refuse`],
    },
    services: {
      rules: [
        'ip daddr . meta l4proto . th dport vmap @service-addresses',
        'ip daddr != 127.0.0.0/8 fib daddr type local meta l4proto . th dport vmap @service-ports',
      ],
    },
  };
}

function chainName(port: ServicePort): string {
  return `service-${port.id}`;
}

function spread(port: ServicePort): string {
  const targets = port.endpoints.map(({ address, port: target }, i) => `${i} : ${address} . ${target}`);
  return `meta l4proto ${port.protocol} dnat ip to numgen random mod ${targets.length} map { ${targets.join(', ')} }`;
}

/** One chain and one dynamic set an endpoint: a client that is in the set stays with the endpoint. */
function addAffinity(
  port: ServicePort,
  timeoutSeconds: number,
  chains: { [name: string]: NftChain },
  sets: { [name: string]: NftSet },
): void {
  const targets = port.endpoints.map((endpoint) => ({
    chain: `endpoint-${port.id}/${endpoint.address}/${endpoint.port}`,
    set: `affinity-${port.id}/${endpoint.address}/${endpoint.port}`,
    endpoint,
  }));
  for (const { chain, set, endpoint } of targets) {
    sets[set] = { type: 'ipv4_addr', flags: ['dynamic', 'timeout'], timeoutSeconds };
    const rewrite = `meta l4proto ${port.protocol} dnat ip to ${endpoint.address}:${endpoint.port}`;
    chains[chain] = { rules: [`update @${set} { ip saddr }`, rewrite] };
  }
  const sticky = targets.map(({ chain, set }) => `ip saddr @${set} goto ${chain}`);
  const choices = targets.map(({ chain }, i) => `${i} : goto ${chain}`);
  const choose = `numgen random mod ${targets.length} vmap { ${choices.join(', ')} }`;
  chains[chainName(port)] = { rules: [...sticky, choose] };
}

function verdictMaps(served: readonly ServicePort[], unserved: readonly ServicePort[]): { [name: string]: NftSet } {
  const byAddress = 'ipv4_addr . inet_proto . inet_service : verdict';
  const byPort = 'inet_proto . inet_service : verdict';
  return {
    'service-addresses': { type: byAddress, elements: addressElements(served, (port) => `goto ${chainName(port)}`) },
    'service-ports': { type: byPort, elements: nodePortElements(served, (port) => `goto ${chainName(port)}`) },
    'unserved-addresses': { type: byAddress, elements: addressElements(unserved, () => 'goto refuse') },
    'unserved-ports': { type: byPort, elements: nodePortElements(unserved, () => 'goto refuse') },
  };
}

type Verdict = (port: ServicePort) => string;

function addressElements(ports: readonly ServicePort[], verdict: Verdict): { [key: string]: string } {
  const pairs = ports.flatMap((port) =>
    port.addresses.map((address) => [`${address} . ${port.protocol} . ${port.port}`, verdict(port)] as const),
  );
  return Object.fromEntries(pairs);
}

function nodePortElements(ports: readonly ServicePort[], verdict: Verdict): { [key: string]: string } {
  const pairs = ports.flatMap((port) =>
    port.nodePort === undefined ? [] : [[`${port.protocol} . ${port.nodePort}`, verdict(port)] as const],
  );
  return Object.fromEntries(pairs);
}

/** A pod that reaches itself through its Service must see another source address, or it would answer itself directly. */
function hairpinSet(served: readonly ServicePort[]): NftSet {
  const addresses = new Set(served.flatMap((port) => port.endpoints.map((endpoint) => endpoint.address)));
  return {
    type: 'ipv4_addr . ipv4_addr',
    elements: Object.fromEntries([...addresses].sort().map((address) => [`${address} . ${address}`, ''])),
  };
}
