import type { Pod } from '../../kinds/types.ts';
import { uidOf } from '../meta.ts';
import type { Resource } from '../resources.ts';
import { highestAddress, nextAddress } from './pod-address.ts';

/** The address for a pod that has none yet; undefined when none is free. */
export type AddressBook = (pod: Pod) => string | undefined;

/** What addresses depend on. */
export interface AddressBookOptions {
  readonly pods: Resource<Pod>;
  readonly podCidr: string;
  readonly hostIp: () => string;
}

/** Gives out addresses one at a time: one that was promised but isn't stored yet counts as taken. */
export function createAddressBook({ pods, podCidr, hostIp }: AddressBookOptions): AddressBook {
  const promised = new Map<string, string>();
  let last: string | undefined;
  return (pod) => {
    if (pod.spec?.hostNetwork) return hostIp();
    const all = pods.list();
    const live = new Set(all.map(uidOf));
    for (const uid of promised.keys()) if (!live.has(uid)) promised.delete(uid);
    const earlier = promised.get(uidOf(pod));
    if (earlier !== undefined) return earlier;
    const stored = all.flatMap((p) => (p.status?.podIP && !p.spec?.hostNetwork ? [p.status.podIP] : []));
    last ??= highestAddress(podCidr, stored);
    const address = nextAddress(podCidr, new Set([...stored, ...promised.values()]), last);
    if (address === undefined) return undefined;
    promised.set(uidOf(pod), address);
    last = address;
    return address;
  };
}
