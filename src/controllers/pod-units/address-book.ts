import type { Pod } from '../../kinds/types.ts';
import { uidOf } from '../meta.ts';
import type { Resource } from '../resources.ts';
import { highestAddress, nextAddress, pairedAddresses } from './pod-address.ts';

/** The addresses for a pod that has none yet, one of each family; none when none is free. */
export type AddressBook = (pod: Pod) => readonly string[];

/** What addresses depend on. */
export interface AddressBookOptions {
  readonly pods: Resource<Pod>;
  /** The first is the one whose addresses are given out; those of another go with them. */
  readonly podCidrs: readonly string[];
  /** The host's, the preferred one first. */
  readonly hostIps: () => readonly string[];
}

/** Pods by the address that is theirs alone. */
function byAddress({ status, spec }: Pod): readonly string[] {
  return status?.podIP && !spec?.hostNetwork ? [status.podIP] : [];
}

const byUid = (pod: Pod): readonly string[] => [uidOf(pod)];

/** Whether a promise is kept, or nobody's any more. */
function isSettled(uid: string, address: string, pods: Resource<Pod>): boolean {
  const [pod] = pods.index(byUid).get(uid);
  return pod === undefined || pod.status?.podIP === address;
}

/** Gives out addresses one at a time: one that was promised but isn't stored yet counts as taken. */
export function createAddressBook({ pods, podCidrs, hostIps }: AddressBookOptions): AddressBook {
  const [podCidr = ''] = podCidrs;
  const promised = new Map<string, string>();
  let last: string | undefined;
  return (pod) => {
    if (pod.spec?.hostNetwork) return hostIps();
    const stored = pods.index(byAddress);
    for (const [uid, address] of promised) if (isSettled(uid, address, pods)) promised.delete(uid);
    const earlier = promised.get(uidOf(pod));
    if (earlier !== undefined) return pairedAddresses(earlier, podCidrs);
    last ??= highestAddress(podCidr, pods.list().flatMap(byAddress));
    const given = new Set(promised.values());
    const address = nextAddress(podCidr, { has: (one) => given.has(one) || stored.count(one) > 0 }, last);
    if (address === undefined) return [];
    promised.set(uidOf(pod), address);
    last = address;
    return pairedAddresses(address, podCidrs);
  };
}
