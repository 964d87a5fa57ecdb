import type { Pod } from '../../../src/kinds/types.ts';
import { formatIp, parseIp } from '../../../src/machinery/ip.ts';
import type { NftChain, NftPart } from '../../formats/nft-table.ts';
import { isPort } from '../service-ports.ts';
import { type NftFamily, nftFamily } from './families.ts';
import { nftName } from './names.ts';
import { type Direction, isPeer, isSubject, type ParsedPolicy, type PodFacts, peerSet } from './policy.ts';
import { allowChain } from './policy-part.ts';
import { namedPortSet } from './policy-ports.ts';

/** A pod as policies see it. */
export interface PolicyPod extends PodFacts {
  readonly addresses: readonly { readonly address: string; readonly family: NftFamily }[];
  readonly ports: readonly { readonly name: string; readonly protocol: string; readonly number: number }[];
}

/**
 * The pod as policies see it; undefined for one that they don't see: without an address, ended, or on the host's network,
 * where its traffic is the node's.
 */
export function policyPod(pod: Pod, namespaceLabels: PodFacts['namespaceLabels']): PolicyPod | undefined {
  const { metadata, spec, status } = pod;
  if (spec?.hostNetwork || status?.phase === 'Succeeded' || status?.phase === 'Failed') return undefined;
  const ips = [status?.podIP, ...(status?.podIPs ?? []).map(({ ip }) => ip)].map((ip) => parseIp(ip ?? ''));
  const addresses = ips.flatMap((ip) => (ip ? [{ address: formatIp(ip), family: nftFamily(ip.family) }] : []));
  if (addresses.length === 0) return undefined;
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  const ports = [...sidecars, ...(spec?.containers ?? [])].flatMap((container) => container.ports ?? []);
  return {
    namespace: metadata?.namespace ?? '',
    labels: metadata?.labels ?? {},
    namespaceLabels,
    addresses,
    ports: ports.flatMap(({ name, protocol = 'TCP', containerPort }) =>
      name !== undefined && isPort(containerPort) ? [{ name, protocol, number: containerPort }] : [],
    ),
  };
}

/** One pod: which policies isolate it, in whose rules it is a peer, and what its ports are called. */
export function podPart(pod: PolicyPod, policies: readonly ParsedPolicy[]): NftPart {
  const sets = new Map<string, { [key: string]: string }>();
  const chains: { [name: string]: NftChain } = {};
  const put = (set: string, key: string, value: string): void => {
    const elements = sets.get(set) ?? {};
    elements[key] = value;
    sets.set(set, elements);
  };
  for (const direction of ['ingress', 'egress'] as const) {
    const isolation = isolationOf(pod, policies, direction);
    if (isolation === undefined) continue;
    chains[isolation.name] = isolation.chain;
    for (const { address, family } of pod.addresses) {
      put(`isolated-${direction}${family.suffix}`, address, `goto ${isolation.name}`);
    }
  }
  const rules = policies.flatMap((policy) => [...(policy.rules.ingress ?? []), ...(policy.rules.egress ?? [])]);
  const named = rules.filter((rule) => isPeer(rule, pod));
  for (const { address, family } of pod.addresses) {
    for (const rule of named) put(peerSet(rule, family), address, '');
    for (const { name, protocol, number } of pod.ports) {
      const set = namedPortSet(protocol, name, family);
      if (set !== undefined) put(set, `${address} . ${number}`, '');
    }
  }
  return { chains, elements: Object.fromEntries(sets) };
}

/** Pods that the same policies select share a chain: it asks each of them, and drops what none allows. */
function isolationOf(pod: PolicyPod, policies: readonly ParsedPolicy[], direction: Direction) {
  const own = policies.filter((policy) => policy.rules[direction] !== undefined && isSubject(policy, pod));
  if (own.length === 0) return undefined;
  const sorted = [...own].sort((a, b) => (a.name < b.name ? -1 : 1));
  const name = nftName('isolate', pod.namespace, `${direction}/${sorted.map((policy) => policy.name).join('/')}`);
  const chain = { rules: [...sorted.map((policy) => `jump ${allowChain(policy, direction)}`), 'drop'] };
  return { name, chain };
}
