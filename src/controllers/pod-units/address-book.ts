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

/** Gives out addresses one at a time: one that was promised but isn't stored yet counts as taken. */
export function createAddressBook({ pods, podCidrs, hostIps }: AddressBookOptions): AddressBook {
  const [podCidr = ''] = podCidrs;
  const promised = new Map<string, string>();
  let last: string | undefined;
  return (pod) => {
    if (pod.spec?.hostNetwork) return hostIps();
    const all = pods.list();
    const live = new Set(all.map(uidOf));
    for (const uid of promised.keys()) if (!live.has(uid)) promised.delete(uid);
    const earlier = promised.get(uidOf(pod));
    if (earlier !== undefined) return pairedAddresses(earlier, podCidrs);
    const stored = all.flatMap((p) => (p.status?.podIP && !p.spec?.hostNetwork ? [p.status.podIP] : []));
    last ??= highestAddress(podCidr, stored);
    const address = nextAddress(podCidr, new Set([...stored, ...promised.values()]), last);
    if (address === undefined) return [];
    promised.set(uidOf(pod), address);
    last = address;
    return pairedAddresses(address, podCidrs);
  };
}
