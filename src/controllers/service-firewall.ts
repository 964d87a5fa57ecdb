import { diffNftTables, type NftTable, serializeNftTable } from '../../translators/formats/nft-table.ts';
import { translateFirewall } from '../../translators/host/firewall.ts';
import { resolveServicePorts } from '../../translators/host/service-ports.ts';
import type { Nft } from '../host/nft.ts';
import type { EndpointSlice, Service } from '../kinds/types.ts';
import type { Registry } from '../registry/registry.ts';
import type { Controller } from './controller.ts';
import { kindOf, resourceOf } from './resources.ts';

/** Drivers and settings of the firewall controller. */
export interface ServiceFirewallOptions {
  readonly nft: Nft;
  /** Durable write of the ruleset that is loaded at boot. */
  readonly persist: (script: string) => Promise<void>;
  readonly serviceCidr: string;
}

/** Keeps `table inet quadshift` equal to the Services and their endpoints: one key, one table. */
export function serviceFirewallController(registry: Registry, options: ServiceFirewallOptions): Controller {
  const services = resourceOf<Service>(registry, kindOf(registry, '/services'));
  const slices = resourceOf<EndpointSlice>(registry, kindOf(registry, 'discovery.k8s.io/endpointslices'));
  // What this process has loaded; undefined means unknown, and the whole table is replaced.
  let loaded: NftTable | undefined;
  return {
    name: 'service-firewall',
    inputs: [
      { resource: '/services', keys: () => ['ruleset'] },
      { resource: 'discovery.k8s.io/endpointslices', keys: () => ['ruleset'] },
    ],
    outputs: [{ what: 'nftables inet quadshift', mode: 'exclusive' }],
    reconcile: async () => {
      const ports = resolveServicePorts(services.list(), slices.list());
      const wanted = translateFirewall(ports, { serviceCidr: options.serviceCidr });
      const change = loaded && diffNftTables(loaded, wanted);
      if (change === '') return undefined;
      loaded = undefined;
      await options.nft.load(change ?? serializeNftTable(wanted));
      loaded = wanted;
      await options.persist(serializeNftTable(wanted));
      return undefined;
    },
  };
}
