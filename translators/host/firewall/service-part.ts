import type { NftChain, NftElements, NftPart, NftSet } from '../../formats/nft-table.ts';
import type { ServicePort, ServiceTarget } from '../service-ports.ts';
import { type FirewallOptions, isPodAddress } from './base-part.ts';
import { type NftFamily, nftFamily } from './families.ts';
import { nftName } from './names.ts';

/** What is collected for one port, by name. */
interface Draft {
  readonly sets: { [name: string]: NftSet };
  readonly chains: { [name: string]: NftChain };
  readonly elements: { [set: string]: { [key: string]: string } };
}

/** Verdicts of one port; undefined where its map says nothing. */
interface Verdicts {
  readonly internal: string | undefined;
  readonly external: string | undefined;
  readonly unservedInternal: string | undefined;
  readonly unservedExternal: string | undefined;
}

/**
 * One Service's rules: elements of the shared verdict maps lead to one chain per port and traffic policy, which rewrites
 * the destination to a random endpoint. Follows kube-proxy's nftables mode where it can be seen from outside, except
 * that source addresses are kept whenever the answer comes back by this host anyway.
 */
export function servicePart(ports: readonly ServicePort[], options: FirewallOptions): NftPart {
  const draft: Draft = { sets: {}, chains: {}, elements: {} };
  for (const port of ports) addPort(port, draft, options);
  return draft;
}

function addPort(port: ServicePort, draft: Draft, options: FirewallOptions): void {
  const family = nftFamily(port.family);
  if (usesCluster(port)) addTargets(port, draft, { chain: name('service', port), targets: port.endpoints });
  if (usesLocal(port)) addTargets(port, draft, { chain: name('local', port), targets: port.localEndpoints });
  if (hasEndpoints(port) && port.externalLocal && isOutside(port)) addExternal(port, draft, options);
  if (port.sourceRanges !== undefined && port.balancerAddresses.length > 0) addGuard(port, draft, port.sourceRanges);
  addVerdicts(port, draft, verdictsOf(port));
  for (const { address, port: number } of [...port.endpoints, ...port.localEndpoints]) {
    put(draft, `hairpin${family.suffix}`, { [`${address} . ${address}`]: '' });
    if (isPodAddress(address, options)) continue;
    put(draft, `remote-endpoints${family.suffix}`, { [`${address} . ${port.protocol} . ${number}`]: '' });
  }
}

const name = (prefix: string, port: ServicePort): string => nftName(prefix, port.namespace, port.id);
const hasEndpoints = (port: ServicePort): boolean => port.endpoints.length > 0;
const isOutside = (port: ServicePort): boolean =>
  port.nodePort !== undefined || port.externalAddresses.length > 0 || port.balancerAddresses.length > 0;
const usesCluster = (port: ServicePort): boolean => hasEndpoints(port) && (!port.internalLocal || isOutside(port));
const usesLocal = (port: ServicePort): boolean =>
  port.localEndpoints.length > 0 && (port.internalLocal || (port.externalLocal && isOutside(port)));

function put(draft: Draft, set: string, elements: NftElements): void {
  draft.elements[set] = { ...draft.elements[set], ...elements };
}

/** A Service without endpoints refuses; one whose policy finds none here drops, so that another node is asked. */
function verdictsOf(port: ServicePort): Verdicts {
  const cluster = `goto ${name('service', port)}`;
  const local = `goto ${name('local', port)}`;
  if (!hasEndpoints(port)) {
    const refuse = 'goto refuse';
    return { internal: undefined, external: undefined, unservedInternal: refuse, unservedExternal: refuse };
  }
  const isHere = port.localEndpoints.length > 0;
  const [internal, unservedInternal] = port.internalLocal ? (isHere ? [local] : [undefined, 'drop']) : [cluster];
  const external = port.externalLocal ? `goto ${name('external', port)}` : cluster;
  return { internal, external, unservedInternal, unservedExternal: port.externalLocal && !isHere ? 'drop' : undefined };
}

function addVerdicts(port: ServicePort, draft: Draft, verdicts: Verdicts): void {
  const { suffix } = nftFamily(port.family);
  const outside = [...port.externalAddresses, ...port.balancerAddresses];
  const byAddress = (set: string, addresses: readonly string[], verdict: string | undefined): void => {
    if (verdict === undefined) return;
    const entries = addresses.map((address) => [`${address} . ${port.protocol} . ${port.port}`, verdict]);
    put(draft, `${set}${suffix}`, Object.fromEntries(entries));
  };
  const byNodePort = (set: string, verdict: string | undefined): void => {
    if (verdict === undefined || port.nodePort === undefined) return;
    put(draft, `${set}${suffix}`, { [`${port.protocol} . ${port.nodePort}`]: verdict });
  };
  byAddress('service-addresses', outside, verdicts.external);
  byAddress('unserved-addresses', outside, verdicts.unservedExternal);
  byAddress('service-addresses', port.clusterAddresses, verdicts.internal);
  byAddress('unserved-addresses', port.clusterAddresses, verdicts.unservedInternal);
  byNodePort('service-ports', verdicts.external);
  byNodePort('unserved-ports', verdicts.unservedExternal);
}

/** Those inside are not bound to the local endpoints: as if they had gone out and come back over another node. */
function addExternal(port: ServicePort, draft: Draft, { podCidrs }: FirewallOptions): void {
  const { ip, family } = nftFamily(port.family);
  const cluster = name('service', port);
  const inside = podCidrs.filter((cidr) => cidr.includes(':') === (family === 'IPv6'));
  draft.chains[name('external', port)] = {
    rules: [
      ...inside.map((cidr) => `${ip} saddr ${cidr} goto ${cluster}`),
      `fib saddr type local goto ${cluster}`,
      ...(port.localEndpoints.length > 0 ? [`goto ${name('local', port)}`] : []),
    ],
  };
}

/** `loadBalancerSourceRanges`: whoever isn't in one is dropped, silently as upstream. */
function addGuard(port: ServicePort, draft: Draft, ranges: readonly string[]): void {
  const { ip, suffix } = nftFamily(port.family);
  const guard = name('guard', port);
  // Ranges may overlap, which a set would not take.
  draft.chains[guard] = { rules: [...ranges.map((range) => `${ip} saddr ${range} return`), 'drop'] };
  const entries = port.balancerAddresses.map((address) => [
    `${address} . ${port.protocol} . ${port.port}`,
    `jump ${guard}`,
  ]);
  put(draft, `guarded-addresses${suffix}`, Object.fromEntries(entries));
}

interface Spread {
  readonly chain: string;
  readonly targets: readonly ServiceTarget[];
}

function addTargets(port: ServicePort, draft: Draft, { chain, targets }: Spread): void {
  if (port.affinitySeconds !== undefined) {
    addAffinity(port, draft, { chain, targets });
    return;
  }
  const { ip } = nftFamily(port.family);
  const choices = targets.map(({ address, port: number }, i) => `${i} : ${address} . ${number}`).join(', ');
  const random = `numgen random mod ${targets.length} map { ${choices} }`;
  draft.chains[chain] = { rules: [`meta l4proto ${port.protocol} dnat ${ip} to ${random}`] };
}

/** One chain and one dynamic set an endpoint: a client that is in the set stays with the endpoint. */
function addAffinity(port: ServicePort, draft: Draft, { chain, targets }: Spread): void {
  const family = nftFamily(port.family);
  const sticky = targets.map((target) => addStickyTarget(port, draft, { target, family }));
  const choices = sticky.map((one, i) => `${i} : goto ${one.chain}`).join(', ');
  draft.chains[chain] = {
    rules: [
      ...sticky.map((one) => `${family.ip} saddr @${one.set} goto ${one.chain}`),
      `numgen random mod ${targets.length} vmap { ${choices} }`,
    ],
  };
}

function addStickyTarget(port: ServicePort, draft: Draft, at: { target: ServiceTarget; family: NftFamily }) {
  const { address, port: number } = at.target;
  const id = `${port.id}/${address.replaceAll(':', '_')}/${number}`;
  const chain = nftName('endpoint', port.namespace, id);
  // The lifetime is part of the name: a set can't change it.
  const set = nftName('affinity', port.namespace, `${id}/${port.affinitySeconds}s`);
  const destination = at.family.family === 'IPv6' ? `[${address}]:${number}` : `${address}:${number}`;
  const { ip, address: type } = at.family;
  draft.sets[set] = { type, flags: ['dynamic', 'timeout'], timeoutSeconds: port.affinitySeconds };
  draft.chains[chain] = {
    rules: [
      // A rule of its own: a set that is full must not keep anybody from the endpoint.
      `update @${set} { ${ip} saddr }`,
      `meta l4proto ${port.protocol} dnat ${ip} to ${destination}`,
    ],
  };
  return { chain, set };
}
