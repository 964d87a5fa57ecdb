import type { ProxyServer } from './site.ts';

/** HAProxy's greatest weight. */
const MAX = 256;

/** Endpoints of one Service, with the Service's share. */
export interface WeightedGroup {
  readonly weight: number;
  readonly servers: readonly Omit<ProxyServer, 'weight'>[];
}

/**
 * Shares are the Services', weights are the servers': each Service's share is divided by its endpoints, and all are
 * scaled so that the greatest fills HAProxy's range. A share that isn't 0 gives at least 1.
 */
export function shareWeights(groups: readonly WeightedGroup[]): readonly ProxyServer[] {
  const each = groups.map(({ weight, servers }) => (servers.length === 0 ? 0 : weight / servers.length));
  const greatest = Math.max(0, ...each);
  return groups.flatMap(({ servers }, i) => {
    const share = each[i] ?? 0;
    const weight = share === 0 ? 0 : groups.length === 1 ? 1 : Math.max(1, Math.round((share * MAX) / greatest));
    return servers.map((server) => ({ ...server, weight }));
  });
}
