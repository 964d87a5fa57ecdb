import type { ServicePort } from '../service-ports.ts';

/** A UDP flow as conntrack(8) finds it. */
export interface UdpFlow {
  /** Where the client sends to; undefined: to any address of this host. */
  readonly address: string | undefined;
  readonly port: number;
  readonly family: 'IPv4' | 'IPv6';
  /** Where the packets go; undefined for a flow that was never rewritten. */
  readonly target: { readonly address: string; readonly port: number } | undefined;
}

/**
 * Flows that have to be forgotten when one Service changes: UDP has no end, so a client that keeps sending would go on
 * to an endpoint that is gone, or past the Service whose first endpoint came after the flow. Pure.
 */
export function staleUdpFlows(before: readonly ServicePort[], now: readonly ServicePort[]): readonly UdpFlow[] {
  const later = new Map(now.map((port) => [port.id, port]));
  return before
    .filter(({ protocol }) => protocol === 'udp')
    .flatMap((port) => {
      const next = later.get(port.id);
      const left = new Set(next?.endpoints.map(textOf));
      const gone = port.endpoints.filter((target) => !left.has(textOf(target)));
      const wasUnserved = port.endpoints.length === 0 && (next?.endpoints.length ?? 0) > 0;
      return [...gone, ...(wasUnserved ? [undefined] : [])].flatMap((target) => flowsTo(port, target));
    });
}

const textOf = ({ address, port }: { address: string; port: number }): string => `${address} ${port}`;

function flowsTo(port: ServicePort, target: UdpFlow['target']): readonly UdpFlow[] {
  const { family, nodePort } = port;
  const addresses = [...port.clusterAddresses, ...port.externalAddresses, ...port.balancerAddresses];
  return [
    ...addresses.map((address) => ({ address, port: port.port, family, target })),
    ...(nodePort === undefined ? [] : [{ address: undefined, port: nodePort, family, target }]),
  ];
}
