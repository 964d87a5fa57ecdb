import type { EndpointSlice, Service } from '../../../src/kinds/types.ts';
import type { NftPart } from '../../formats/nft-table.ts';
import { resolveServicePorts, type ServicePort } from '../service-ports.ts';
import type { FirewallOptions } from './base-part.ts';
import { servicePart } from './service-part.ts';
import { staleUdpFlows, type UdpFlow } from './udp-flows.ts';

/** Services and their slices: which of them changed, and what becomes of those. Keys are `namespace/name`. */
export interface ServiceBook {
  readonly putService: (key: string, service: Service | undefined) => void;
  readonly putSlice: (key: string, slice: EndpointSlice | undefined) => void;
  /** Parts of the Services that changed since the last call. */
  readonly take: () => {
    readonly parts: ReadonlyMap<string, NftPart | undefined>;
    readonly staleFlows: readonly UdpFlow[];
  };
}

/** A book without Services. */
export function createServiceBook(options: FirewallOptions & { readonly nodeName: string }): ServiceBook {
  const services = new Map<string, Service>();
  const slices = new Map<string, EndpointSlice>();
  const slicesOf = new Map<string, Set<string>>();
  const resolved = new Map<string, readonly ServicePort[]>();
  const dirty = new Set<string>();
  const resolve = (key: string): readonly ServicePort[] => {
    const service = services.get(key);
    const own = [...(slicesOf.get(key) ?? [])].sort().flatMap((slice) => slices.get(slice) ?? []);
    return service === undefined ? [] : resolveServicePorts(service, own, options.nodeName);
  };
  return {
    putService: (key, service) => {
      dirty.add(key);
      if (service === undefined) services.delete(key);
      else services.set(key, service);
    },
    putSlice: (key, slice) => {
      for (const owner of [slices.get(key), slice].flatMap((each) => (each ? [serviceOf(each)] : []))) {
        dirty.add(owner);
        slicesOf.get(owner)?.delete(key);
        if (slicesOf.get(owner)?.size === 0) slicesOf.delete(owner);
      }
      slices.delete(key);
      if (slice === undefined) return;
      slices.set(key, slice);
      slicesOf.set(serviceOf(slice), (slicesOf.get(serviceOf(slice)) ?? new Set()).add(key));
    },
    take: () => {
      const parts = new Map<string, NftPart | undefined>();
      const staleFlows: UdpFlow[] = [];
      for (const key of dirty) {
        const before = resolved.get(key) ?? [];
        const now = resolve(key);
        staleFlows.push(...staleUdpFlows(before, now));
        resolved.set(key, now);
        if (now.length === 0) resolved.delete(key);
        parts.set(`service ${key}`, now.length === 0 ? undefined : servicePart(now, options));
      }
      dirty.clear();
      return { parts, staleFlows };
    },
  };
}

function serviceOf({ metadata }: EndpointSlice): string {
  return `${metadata?.namespace}/${metadata?.labels?.['kubernetes.io/service-name'] ?? ''}`;
}
