import { hostname } from 'node:os';
import { join } from 'node:path';
import { createDbusServiceManager } from '../../systemd/dbus-service-manager.ts';
import type { ServiceManager } from '../../systemd/service-manager.ts';
import { createUnitDirectory, type UnitDirectory } from '../../systemd/unit-directory.ts';
import { NETWORK_OWNER, translateNetwork } from '../../translators/units/network.ts';
import type { Config } from '../config/schema.ts';
import { systemClock } from '../controllers/clock.ts';
import type { Controller } from '../controllers/controller.ts';
import { gatewayOf } from '../controllers/pod-units/pod-address.ts';
import { serviceEndpointsController } from '../controllers/service-endpoints.ts';
import { serviceFirewallController } from '../controllers/service-firewall.ts';
import { type Controllers, startControllers } from '../controllers/start-controllers.ts';
import { createHostFactsReader } from '../host/host-facts-reader.ts';
import { createNft } from '../host/nft.ts';
import type { Podman } from '../host/podman.ts';
import { createProbeResultsReader } from '../prober/results-reader.ts';
import type { Registry } from '../registry/registry.ts';
import type { Logger } from './logger.ts';
import { createPodTranslator } from './pod-translator.ts';
import { KUBERNETES_VERSION } from './version.ts';

/** What the controllers are joined from. */
export interface HouseOptions {
  readonly config: Config;
  readonly registry: Registry;
  readonly podman: Podman;
  readonly caPem: string;
  readonly log: Logger;
  readonly signal: AbortSignal;
}

/** The running house; closing it waits until nothing is half-done. */
export interface House {
  close(): Promise<void>;
}

/** Joins drivers, translators and controllers, and starts them. */
export async function startHouse(options: HouseOptions): Promise<House> {
  const { config, registry, podman, log, signal } = options;
  const { state, runtime, quadlet, units, dbusSocket } = config.paths;
  const serviceManager = createDbusServiceManager({ address: `unix:path=${dbusSocket}` });
  const unitDirectory = createUnitDirectory({ quadlet, unit: units, state });
  const hostFacts = createHostFactsReader({ podman });
  const { podmanVersion, cgroupControllers } = await hostFacts.read();
  const host = { nodeName: nodeNameOf(config), podmanVersion, cgroupControllers };
  await declareNetwork({ config, unitDirectory, serviceManager, podmanVersion });
  const controllers = startControllers({
    registry,
    serviceManager,
    podman,
    unitDirectory,
    hostFacts,
    probes: createProbeResultsReader(join(runtime, 'probes'), (err) => log.warn({ err }, 'probe results')),
    translate: createPodTranslator(config, registry, host),
    config: {
      nodeName: host.nodeName,
      podCidr: config.network.podCidr,
      version: KUBERNETES_VERSION,
      caPem: options.caPem,
    },
    clock: systemClock,
    log,
    signal,
    more: () => networkControllers(config, registry),
  });
  return { close: () => close(controllers, serviceManager) };
}

async function close(controllers: Controllers, serviceManager: ServiceManager): Promise<void> {
  await controllers.recorder.flush();
  serviceManager.close();
}

/** The Node's name: the configured one, or the host's in small letters as Kubernetes wants it. */
export function nodeNameOf(config: Config): string {
  return config.nodeName || hostname().toLowerCase();
}

interface NetworkDeclaration {
  readonly config: Config;
  readonly unitDirectory: UnitDirectory;
  readonly serviceManager: ServiceManager;
  readonly podmanVersion: string;
}

/** The pods' bridge as a Quadlet network; pods' units depend on it. */
async function declareNetwork(declaration: NetworkDeclaration): Promise<void> {
  const { config, unitDirectory, serviceManager, podmanVersion } = declaration;
  const subnet = config.network.podCidr;
  const translation = translateNetwork({ name: 'quadshift', subnet, gateway: gatewayOf(subnet), podmanVersion });
  const change = await unitDirectory.apply([{ owner: NETWORK_OWNER, ...translation }]);
  if (change.reloadNeeded) await serviceManager.reload();
}

function networkControllers(config: Config, registry: Registry): readonly Controller[] {
  return [
    serviceEndpointsController(registry),
    serviceFirewallController(registry, {
      nft: createNft(),
      persist: async () => {},
      serviceCidr: config.network.serviceCidr,
    }),
  ];
}
