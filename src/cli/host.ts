import { hostname } from 'node:os';
import type { Config } from '../config/schema.ts';
import type { HostFactsReader } from '../controllers/host-facts.ts';
import type { PodTranslator } from '../controllers/pod-units.ts';
import { createHostFactsReader, type NodeFacts } from '../host/host-facts-reader.ts';
import type { Podman } from '../host/podman.ts';
import type { Node } from '../kinds/types.ts';
import type { Registry } from '../registry/registry.ts';
import { createPodTranslator, type HostAbilities } from './pod-translator.ts';

/** Tells when something of the machine may have changed, until aborted. */
export type HostHint = (listener: () => void, options: { readonly signal: AbortSignal }) => void;

/** This machine, as the rest of the house needs it. */
export interface Host extends HostFactsReader {
  readonly nodeName: string;
  /** Facts as they are now; later translations go by them. */
  read(): Promise<NodeFacts>;
  /** Tells when the host's addresses or its name have changed. */
  readonly watch: HostHint;
  readonly translate: PodTranslator;
  /** Whether the kernel enforces AppArmor profiles, as far as it is known yet. */
  hasAppArmor(): boolean;
  /** Whether the kernel has SCTP, or could load it, as far as it is known yet. */
  hasSctp(): boolean;
  /** Tells where the Node object is to be found; before that translations know no address of the host. */
  attach(registry: Registry): void;
}

/** The machine that we run on. Nothing is read before it is needed. */
export function createHost(config: Config, podman: Podman, hints: readonly HostHint[]): Host {
  const reader = createHostFactsReader({ podman });
  const nodeName = config.nodeName || hostname().toLowerCase();
  let facts: HostAbilities & Partial<NodeFacts> = {
    podmanVersion: '',
    cgroupControllers: [],
    canProtectFromOom: false,
  };
  let node = (): Node | undefined => undefined;
  return {
    nodeName,
    read: async () => {
      const read = await reader.read();
      facts = read;
      return read;
    },
    watch: (listener, how) => {
      for (const watch of hints) watch(listener, how);
    },
    translate: createPodTranslator({ config, nodeName, abilities: () => facts, node: () => node() }),
    hasAppArmor: () => facts.hasAppArmor !== false,
    hasSctp: () => facts.hasSctp !== false,
    attach: (registry) => {
      const kind = registry.definition('', 'nodes');
      node = () => kind && (registry.find(kind, { namespace: '', name: nodeName })?.object as Node | undefined);
    },
  };
}
