import type { NftChain, NftPart, NftSet } from '../../formats/nft-table.ts';
import { NFT_FAMILIES } from './families.ts';
import { blockRanges } from './ip-blocks.ts';
import { nftName } from './names.ts';
import { type Direction, type ParsedPolicy, type PolicyRule, peerSet } from './policy.ts';
import { namedPortSets, portMatches } from './policy-ports.ts';

/** Name of the chain that holds what a policy allows in one direction. */
export function allowChain(
  policy: { readonly namespace: string; readonly name: string },
  direction: Direction,
): string {
  return nftName('allow', policy.namespace, `${policy.name}/${direction}`);
}

/**
 * One NetworkPolicy: a chain per direction that ends in a verdict for what it allows and returns otherwise, and a set per
 * rule for the addresses of its peers, which the pods fill.
 */
export function policyPart(policy: ParsedPolicy): NftPart {
  const directions = (['ingress', 'egress'] as const).flatMap((direction) => {
    const rules = policy.rules[direction];
    return rules === undefined ? [] : [{ direction, rules }];
  });
  const chains = directions.map(({ direction, rules }): [string, NftChain] => [
    allowChain(policy, direction),
    { rules: rules.flatMap((rule) => allowRules(rule, direction)) },
  ]);
  const rules = directions.flatMap((each) => each.rules);
  return {
    sets: { ...Object.fromEntries(rules.flatMap(peerSets)), ...namedPortSets(rules.flatMap((r) => r.ports ?? [])) },
    chains: Object.fromEntries(chains),
  };
}

function peerSets(rule: PolicyRule): [string, NftSet][] {
  if (rule.pods.length === 0) return [];
  return NFT_FAMILIES.map((family) => [peerSet(rule, family), { type: family.address }]);
}

/** What comes in is then asked where it comes from: both ends have to agree. */
const ALLOWED: { readonly [direction in Direction]: string } = { ingress: 'goto policy-egress', egress: 'accept' };

function allowRules(rule: PolicyRule, direction: Direction): readonly string[] {
  const ports = portMatches(rule.ports);
  return peerMatches(rule, direction).flatMap((peer) =>
    ports
      .filter(({ family }) => peer.suffix === undefined || family === undefined || family.suffix === peer.suffix)
      .map(({ match }) => [peer.match, match, ALLOWED[direction]].filter((part) => part !== '').join(' ')),
  );
}

function peerMatches(rule: PolicyRule, direction: Direction) {
  if (!rule.hasPeers) return [{ match: '', suffix: undefined }];
  const side = direction === 'ingress' ? 'saddr' : 'daddr';
  return NFT_FAMILIES.flatMap((family) => {
    const { ip, suffix } = family;
    const ranges = blockRanges(rule.blocks, family.family);
    return [
      ...(rule.pods.length > 0 ? [{ match: `${ip} ${side} @${peerSet(rule, family)}`, suffix }] : []),
      ...(ranges.length > 0 ? [{ match: `${ip} ${side} { ${ranges.join(', ')} }`, suffix }] : []),
    ];
  });
}
