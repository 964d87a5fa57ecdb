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
  /** Starts the unit that loads the ruleset at boot, and brings what the rules rely on. Does nothing when it is active. */
  readonly activate: () => Promise<unknown>;
  readonly serviceCidr: string;
}

/** What the boot loads: the whole table, and the range that wants a route. */
export function bootRuleset(table: NftTable, serviceCidr: string): string {
  const about = '# The Services of this host, compiled by quadshift; quadshift-net.service loads it.';
  return `${about}\n# service-cidr ${serviceCidr}\n${serializeNftTable(table)}`;
}

/** Keeps `table inet quadshift` equal to the Services and their endpoints: one key, one table. */
export function serviceFirewallController(registry: Registry, options: ServiceFirewallOptions): Controller {
  const services = resourceOf<Service>(registry, kindOf(registry, '/services'));
  const slices = resourceOf<EndpointSlice>(registry, kindOf(registry, 'discovery.k8s.io/endpointslices'));
  const { serviceCidr } = options;
  // What this process has loaded; undefined means unknown, and the whole table is replaced.
  let loaded: NftTable | undefined;
  return {
    name: 'service-firewall',
    inputs: [
      { resource: '/services', keys: () => ['ruleset'] },
      { resource: 'discovery.k8s.io/endpointslices', keys: () => ['ruleset'] },
    ],
    outputs: [{ what: 'nftables inet quadshift', mode: 'exclusive' }],
    extraKeys: async () => ['ruleset'],
    reconcile: async () => {
      const ports = resolveServicePorts(services.list(), slices.list());
      const wanted = translateFirewall(ports, { serviceCidr });
      const before = loaded;
      loaded = undefined;
      if (before === undefined) await replace(wanted, options);
      else await change(before, wanted, options);
      loaded = wanted;
      return undefined;
    },
  };
}

/** The whole table. The file comes first: whoever loads it meanwhile never brings back an older state. */
async function replace(
  wanted: NftTable,
  { nft, persist, activate, serviceCidr }: ServiceFirewallOptions,
): Promise<void> {
  const script = serializeNftTable(wanted);
  await nft.check(script);
  await persist(bootRuleset(wanted, serviceCidr));
  await activate();
  await nft.load(script);
}

/** Only what differs. A refused change leaves the file as it was. */
async function change(before: NftTable, wanted: NftTable, options: ServiceFirewallOptions): Promise<void> {
  const { nft, persist, serviceCidr } = options;
  const script = diffNftTables(before, wanted);
  if (script === '') return;
  await persist(bootRuleset(wanted, serviceCidr));
  try {
    await nft.load(script ?? serializeNftTable(wanted));
  } catch (error) {
    await persist(bootRuleset(before, serviceCidr));
    throw error;
  }
}
