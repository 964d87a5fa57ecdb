import type { Config } from '../config/schema.ts';
import { addressInCidr } from '../machinery/ip.ts';

/** The network's ranges as lists: the first is IPv4's; a second one, IPv6's, is there where it is configured. */
export interface NetworkRanges {
  readonly podCidrs: readonly string[];
  readonly serviceCidrs: readonly string[];
  /** The bridge's own addresses, one of each range of pods. */
  readonly gateways: readonly string[];
}

/** The ranges that are configured. */
export function networkRanges({ network }: Pick<Config, 'network'>): NetworkRanges {
  const podCidrs = [network.podCidr, network.podCidrIpv6].filter((cidr) => cidr !== '');
  return {
    podCidrs,
    serviceCidrs: [network.serviceCidr, network.serviceCidrIpv6].filter((cidr) => cidr !== ''),
    gateways: podCidrs.map((cidr) => addressInCidr(cidr, 1)),
  };
}
