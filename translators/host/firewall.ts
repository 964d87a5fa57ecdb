import type { EndpointSlice, Namespace, NetworkPolicy, Pod, Service } from '../../src/kinds/types.ts';
import type { NftPart } from '../formats/nft-table.ts';
import { basePart, type FirewallOptions } from './firewall/base-part.ts';
import { createPolicyBook } from './firewall/policy-book.ts';
import { createServiceBook } from './firewall/service-book.ts';
import type { UdpFlow } from './firewall/udp-flows.ts';

export type { UdpFlow } from './firewall/udp-flows.ts';

/** What the ruleset depends on besides the objects. */
export interface FirewallBookOptions extends FirewallOptions {
  readonly nodeName: string;
}

/** What has to be done about the objects that changed. */
export interface FirewallChange {
  /** Parts of the table by their owner; undefined for one that is gone. */
  readonly parts: ReadonlyMap<string, NftPart | undefined>;
  /** Flows that the kernel remembers and that lead to where nobody is any more. */
  readonly staleFlows: readonly UdpFlow[];
}

/**
 * Services and NetworkPolicies as one nftables table, `inet quadshift`, planned as objects change: each object owns a part
 * of it, and only the parts that a change concerns are made again. Pure but for what it remembers of the objects; their
 * order doesn't matter.
 */
export interface FirewallBook {
  readonly putService: (key: string, service: Service | undefined) => void;
  readonly putSlice: (key: string, slice: EndpointSlice | undefined) => void;
  readonly putPod: (key: string, pod: Pod | undefined) => void;
  readonly putNamespace: (name: string, namespace: Namespace | undefined) => void;
  readonly putPolicy: (key: string, policy: NetworkPolicy | undefined) => void;
  /** What changed since the last call. */
  readonly take: () => FirewallChange;
}

/** A book without objects; the first `take` gives the table's frame. */
export function createFirewallBook(options: FirewallBookOptions): FirewallBook {
  const services = createServiceBook(options);
  const policies = createPolicyBook();
  let framed: { readonly hasPolicies: boolean } | undefined;
  return {
    ...services,
    ...policies,
    take: () => {
      const now = { hasPolicies: policies.hasPolicies() };
      const frame: [string, NftPart][] = framed?.hasPolicies === now.hasPolicies ? [] : [['', basePart(options, now)]];
      framed = now;
      const { parts, staleFlows } = services.take();
      return { parts: new Map([...frame, ...parts, ...policies.take()]), staleFlows };
    },
  };
}
