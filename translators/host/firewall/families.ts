import type { IpFamily } from '../../../src/machinery/ip.ts';

/** How nft spells what differs between the families. Names of sets and chains end in `suffix`. */
export interface NftFamily {
  readonly family: IpFamily;
  readonly ip: 'ip' | 'ip6';
  readonly address: 'ipv4_addr' | 'ipv6_addr';
  readonly suffix: '' | '6';
  readonly loopback: string;
  readonly multicast: string;
}

const IPV4: NftFamily = {
  family: 'IPv4',
  ip: 'ip',
  address: 'ipv4_addr',
  suffix: '',
  loopback: '127.0.0.0/8',
  multicast: '224.0.0.0/4',
};
const IPV6: NftFamily = {
  family: 'IPv6',
  ip: 'ip6',
  address: 'ipv6_addr',
  suffix: '6',
  loopback: '::1',
  multicast: 'ff00::/8',
};

/** Both families: one table serves them. */
export const NFT_FAMILIES: readonly NftFamily[] = [IPV4, IPV6];

/** The spelling of one family. */
export function nftFamily(family: IpFamily): NftFamily {
  return family === 'IPv4' ? IPV4 : IPV6;
}
