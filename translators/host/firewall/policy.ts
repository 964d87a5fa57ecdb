import type { NetworkPolicy } from '../../../src/kinds/types.ts';
import {
  type LabelSelector,
  type LabelSelectorObject,
  labelSelectorOf,
  matchesLabels,
} from '../../../src/machinery/selectors.ts';
import type { NftFamily } from './families.ts';
import type { IpBlock } from './ip-blocks.ts';
import { nftName } from './names.ts';
import type { PolicyPort } from './policy-ports.ts';

/** Directions of a policy. */
export type Direction = 'ingress' | 'egress';

/** What peers and subjects are chosen by. */
export interface PodFacts {
  readonly namespace: string;
  readonly labels: { readonly [key: string]: string };
  readonly namespaceLabels: { readonly [key: string]: string };
}

/** Pods by namespace and labels. */
interface PodPeer {
  /** Undefined: by the namespace's labels. */
  readonly namespace: string | undefined;
  readonly namespaceSelector: LabelSelector;
  readonly podSelector: LabelSelector;
}

/** One rule: who, at which ports. */
export interface PolicyRule {
  readonly place: RulePlace;
  /** Whether it names peers; one without allows everybody. */
  readonly hasPeers: boolean;
  readonly pods: readonly PodPeer[];
  readonly blocks: readonly IpBlock[];
  readonly ports: readonly PolicyPort[] | undefined;
}

/** A NetworkPolicy, its selectors parsed. */
export interface ParsedPolicy {
  readonly namespace: string;
  readonly name: string;
  readonly podSelector: LabelSelector;
  /** By direction; undefined when the policy says nothing about it. */
  readonly rules: { readonly [direction in Direction]: readonly PolicyRule[] | undefined };
}

type Spec = NonNullable<NetworkPolicy['spec']>;
type Rule = NonNullable<Spec['ingress']>[number] & NonNullable<Spec['egress']>[number];

/** The policy as the data path needs it. A selector that can't be read selects nothing. Pure. */
export function parsePolicy({ metadata, spec }: NetworkPolicy): ParsedPolicy {
  const id = { namespace: metadata?.namespace ?? '', name: metadata?.name ?? '' };
  const types = spec?.policyTypes ?? ['Ingress'];
  const parsed = (direction: Direction, rules: readonly Rule[] = []): readonly PolicyRule[] =>
    rules.map((rule, index) => parseRule(rule, { ...id, direction, index }));
  return {
    ...id,
    podSelector: selectorOf(spec?.podSelector),
    rules: {
      ingress: types.includes('Ingress') ? parsed('ingress', spec?.ingress) : undefined,
      egress: types.includes('Egress') ? parsed('egress', spec?.egress) : undefined,
    },
  };
}

/** Where a rule stands. */
export interface RulePlace {
  readonly namespace: string;
  readonly name: string;
  readonly direction: Direction;
  readonly index: number;
}

function parseRule(rule: Rule, place: RulePlace): PolicyRule {
  const { namespace, direction } = place;
  const peers = (direction === 'ingress' ? rule.from : rule.to) ?? [];
  return {
    place,
    hasPeers: peers.length > 0,
    pods: peers.flatMap(({ podSelector, namespaceSelector, ipBlock }) => {
      if (ipBlock !== undefined || (podSelector === undefined && namespaceSelector === undefined)) return [];
      return [
        {
          namespace: namespaceSelector === undefined ? namespace : undefined,
          namespaceSelector: selectorOf(namespaceSelector),
          podSelector: selectorOf(podSelector),
        },
      ];
    }),
    blocks: peers.flatMap(({ ipBlock }) => (ipBlock === undefined ? [] : [ipBlock])),
    ports: rule.ports as readonly PolicyPort[] | undefined,
  };
}

/** Absent means everything here: of pods when only namespaces are chosen. */
function selectorOf(selector: LabelSelectorObject | undefined): LabelSelector {
  const read = labelSelectorOf(selector ?? {});
  return read.ok ? read.value : 'nothing';
}

/** Whether the policy is about the pod. */
export function isSubject(policy: ParsedPolicy, pod: PodFacts): boolean {
  return policy.namespace === pod.namespace && matchesLabels(policy.podSelector, pod.labels);
}

/** Whether the rule names the pod as a peer by its labels. */
export function isPeer(rule: PolicyRule, pod: PodFacts): boolean {
  return rule.pods.some(
    ({ namespace, namespaceSelector, podSelector }) =>
      (namespace === undefined ? matchesLabels(namespaceSelector, pod.namespaceLabels) : namespace === pod.namespace) &&
      matchesLabels(podSelector, pod.labels),
  );
}

/** The set of the rule's peers in one family. */
export function peerSet({ place: { namespace, name, direction, index } }: PolicyRule, { suffix }: NftFamily): string {
  return nftName(`peers${suffix}`, namespace, `${name}/${direction}/${index}`);
}
