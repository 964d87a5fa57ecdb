import type { Namespace, NetworkPolicy, Pod } from '../../../src/kinds/types.ts';
import type { NftPart } from '../../formats/nft-table.ts';
import { type PolicyPod, podPart, policyPod } from './pod-part.ts';
import { isPeer, isSubject, type ParsedPolicy, parsePolicy } from './policy.ts';
import { policyPart } from './policy-part.ts';

/** NetworkPolicies and what their selectors look at. Keys are `namespace/name`. */
export interface PolicyBook {
  readonly putPod: (key: string, pod: Pod | undefined) => void;
  readonly putNamespace: (name: string, namespace: Namespace | undefined) => void;
  readonly putPolicy: (key: string, policy: NetworkPolicy | undefined) => void;
  /** Whether there is any policy now: without one nothing has to be judged. */
  readonly hasPolicies: () => boolean;
  /** Parts of the policies and pods that changed since the last call, or that a change may concern. */
  readonly take: () => ReadonlyMap<string, NftPart | undefined>;
}

interface State {
  readonly pods: Map<string, Pod>;
  readonly labels: Map<string, { readonly [key: string]: string }>;
  readonly policies: Map<string, ParsedPolicy>;
  readonly dirtyPods: Set<string>;
  readonly dirtyPolicies: Set<string>;
  /** Versions of policies, old and new, whose pods have to be looked at. */
  readonly concerns: ParsedPolicy[];
}

/** A book without policies. */
export function createPolicyBook(): PolicyBook {
  const state: State = {
    pods: new Map(),
    labels: new Map(),
    policies: new Map(),
    dirtyPods: new Set(),
    dirtyPolicies: new Set(),
    concerns: [],
  };
  return {
    putPod: (key, pod) => {
      state.dirtyPods.add(key);
      if (pod === undefined) state.pods.delete(key);
      else state.pods.set(key, pod);
    },
    putNamespace: (name, namespace) => {
      putNamespace(state, name, namespace?.metadata?.labels ?? {});
      if (namespace === undefined) state.labels.delete(name);
    },
    putPolicy: (key, policy) => {
      const [before, now] = [state.policies.get(key), policy && parsePolicy(policy)];
      state.concerns.push(...[before, now].filter((version) => version !== undefined));
      state.dirtyPolicies.add(key);
      if (now === undefined) state.policies.delete(key);
      else state.policies.set(key, now);
    },
    hasPolicies: () => state.policies.size > 0,
    take: () => {
      const parts = new Map([...policyParts(state), ...podParts(state)]);
      state.dirtyPods.clear();
      state.dirtyPolicies.clear();
      state.concerns.length = 0;
      return parts;
    },
  };
}

function putNamespace(state: State, name: string, labels: { readonly [key: string]: string }): void {
  if (JSON.stringify(state.labels.get(name) ?? {}) === JSON.stringify(labels)) return;
  state.labels.set(name, labels);
  for (const [key, pod] of state.pods) if (pod.metadata?.namespace === name) state.dirtyPods.add(key);
}

function policyParts(state: State): readonly [string, NftPart | undefined][] {
  return [...state.dirtyPolicies].map((key) => {
    const policy = state.policies.get(key);
    return [`policy ${key}`, policy && policyPart(policy)];
  });
}

function podParts(state: State): readonly [string, NftPart | undefined][] {
  const seen = (pod: Pod): PolicyPod | undefined =>
    policyPod(pod, state.labels.get(pod.metadata?.namespace ?? '') ?? {});
  const policies = [...state.policies.values()];
  if (state.concerns.length > 0) {
    for (const [key, pod] of state.pods) {
      if (state.dirtyPods.has(key)) continue;
      const facts = seen(pod);
      if (facts !== undefined && state.concerns.some((policy) => isConcerned(policy, facts))) state.dirtyPods.add(key);
    }
  }
  return [...state.dirtyPods].map((key) => {
    const pod = state.pods.get(key);
    const facts = pod && seen(pod);
    return [`pod ${key}`, facts && podPart(facts, policies)];
  });
}

function isConcerned(policy: ParsedPolicy, pod: PolicyPod): boolean {
  const rules = [...(policy.rules.ingress ?? []), ...(policy.rules.egress ?? [])];
  return isSubject(policy, pod) || rules.some((rule) => isPeer(rule, pod));
}
