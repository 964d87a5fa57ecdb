import { createNftLedger, type NftLedger } from '../../translators/formats/nft-ledger.ts';
import type { FirewallOptions } from '../../translators/host/firewall/base-part.ts';
import { createFirewallBook, type FirewallBook, type FirewallBookOptions } from '../../translators/host/firewall.ts';
import type { Conntrack, TrackedUdp } from '../host/conntrack.ts';
import type { Nft } from '../host/nft.ts';
import type { EndpointSlice, Namespace, NetworkPolicy, Pod, Service } from '../kinds/types.ts';
import { type KubernetesObject, keyOf } from '../machinery/object.ts';
import type { Controller, ControllerInput, Log } from './controller.ts';

/** Drivers and settings of the firewall controller. */
export interface ServiceFirewallOptions extends FirewallBookOptions {
  readonly nft: Nft;
  readonly conntrack: Conntrack;
  /** Durable write of the ruleset that is loaded at boot. */
  readonly persist: (script: string) => Promise<void>;
  /** Starts the unit that loads the ruleset at boot, and brings what the rules rely on. Does nothing when it is active. */
  readonly activate: () => Promise<unknown>;
  readonly log: Log;
}

/** What the boot loads: the whole table, the ranges that want a route, and those that other firewalls have to trust. */
export function bootRuleset(script: string, { serviceCidrs, podCidrs }: FirewallOptions): string {
  const about = '# Services and network policies of this host, compiled by quadshift; quadshift-net.service loads it.';
  const services = serviceCidrs.map((cidr) => `# service-cidr ${cidr}`);
  const pods = podCidrs.map((cidr) => `# pod-cidr ${cidr}`);
  return `${[about, ...services, ...pods].join('\n')}\n${script}`;
}

/** What this process knows of the kernel's table. */
interface State {
  readonly book: FirewallBook;
  readonly ledger: NftLedger;
  /** False: unknown, so the whole table is replaced. */
  isLoaded: boolean;
  /** Flows to forget once the rules that they would go by are in force. */
  staleFlows: readonly TrackedUdp[];
}

const KEY = 'ruleset';
const TABLE = 'inet quadshift';

/** Keeps `table inet quadshift` equal to Services, their endpoints and NetworkPolicies: one key, one table. */
export function serviceFirewallController(options: ServiceFirewallOptions): Controller {
  const book = createFirewallBook(options);
  const state: State = { book, ledger: createNftLedger(TABLE), isLoaded: false, staleFlows: [] };
  return {
    name: 'service-firewall',
    inputs: [
      input<Service>('/services', book.putService),
      input<EndpointSlice>('discovery.k8s.io/endpointslices', book.putSlice),
      input<Pod>('/pods', book.putPod),
      input<Namespace>('/namespaces', (_, object, name) => book.putNamespace(name, object)),
      input<NetworkPolicy>('networking.k8s.io/networkpolicies', book.putPolicy),
    ],
    outputs: [{ what: 'nftables inet quadshift', mode: 'exclusive' }],
    extraKeys: async () => [KEY],
    reconcile: async () => {
      await update(state, options);
      return undefined;
    },
  };
}

/** The book hears of every change; when it is read is the queue's affair. */
function input<T>(resource: string, put: (key: string, object: T | undefined, name: string) => void): ControllerInput {
  return {
    resource,
    keys: ({ type, entry }) => {
      const { namespace, name } = keyOf(entry.object as KubernetesObject);
      put(`${namespace}/${name}`, type === 'DELETED' ? undefined : (entry.object as T), name);
      return [KEY];
    },
  };
}

async function update(state: State, options: ServiceFirewallOptions): Promise<void> {
  const { ledger } = state;
  const { parts, staleFlows } = state.book.take();
  state.staleFlows = [...state.staleFlows, ...staleFlows];
  const before = ledger.current(parts.keys());
  const script = ledger.change(parts);
  if (!state.isLoaded) await replace(ledger, options);
  else if (script !== '') {
    state.isLoaded = false;
    await change(script, ledger, options).catch(async (error: unknown) => {
      // A refused change leaves the file as it was.
      ledger.change(before);
      await persist(ledger, options).finally(() => ledger.change(parts));
      throw error;
    });
  }
  state.isLoaded = true;
  await forgetFlows(state, options);
}

/** The file comes first: whoever loads it meanwhile never brings back an older state. */
async function change(script: string, ledger: NftLedger, options: ServiceFirewallOptions): Promise<void> {
  await persist(ledger, options);
  await options.nft.load(script);
}

async function replace(ledger: NftLedger, options: ServiceFirewallOptions): Promise<void> {
  const script = ledger.whole();
  await options.nft.check(script);
  await persist(ledger, options);
  await options.activate();
  await options.nft.load(script + (await recall(ledger, options))).catch(() => options.nft.load(script));
}

/** Clients that were promised an endpoint keep it, although the table is another one. */
async function recall(ledger: NftLedger, { nft, log }: ServiceFirewallOptions): Promise<string> {
  const memories = await nft.memories(TABLE).catch((err: unknown) => {
    log.warn({ err }, 'clients with session affinity may get another endpoint');
    return [];
  });
  return ledger.recall(memories);
}

function persist(ledger: NftLedger, options: ServiceFirewallOptions): Promise<void> {
  return options.persist(bootRuleset(ledger.whole(), options));
}

/** The rules are in force either way: what can't be forgotten ends by itself, half a minute after its last packet. */
async function forgetFlows(state: State, { conntrack, log }: ServiceFirewallOptions): Promise<void> {
  const flows = state.staleFlows;
  state.staleFlows = [];
  if (flows.length === 0) return;
  await conntrack.forget(flows).catch((err: unknown) => log.warn({ err }, 'UDP flows to gone endpoints stay for now'));
}
