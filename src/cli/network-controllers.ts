import type { ServiceManager } from '../../systemd/service-manager.ts';
import type { UnitDirectory } from '../../systemd/unit-directory.ts';
import type { Config } from '../config/schema.ts';
import type { Controller } from '../controllers/controller.ts';
import { kubernetesServiceController } from '../controllers/kubernetes-service.ts';
import { gatewayOf } from '../controllers/pod-units/pod-address.ts';
import { serviceEndpointsController } from '../controllers/service-endpoints.ts';
import { serviceFirewallController } from '../controllers/service-firewall.ts';
import { createNft } from '../host/nft.ts';
import type { Registry } from '../registry/registry.ts';

/** What the ruleset's file names as its owner: it belongs to all Services. */
const FIREWALL_OWNER = 'services';

/** What the data path's controllers are joined from. */
export interface NetworkOptions {
  readonly config: Config;
  readonly registry: Registry;
  readonly serviceManager: ServiceManager;
  readonly unitDirectory: UnitDirectory;
  readonly nodeName: string;
}

/** The controllers that keep Services, their endpoints and the packet filter true. */
export function networkControllers(options: NetworkOptions): readonly Controller[] {
  const { config, registry, serviceManager, unitDirectory, nodeName } = options;
  const { serviceCidr } = config.network;
  const gateway = gatewayOf(config.network.podCidr);
  return [
    serviceEndpointsController(registry),
    kubernetesServiceController(registry, { nodeName, serviceCidr, apiPort: config.api.port, gateway }),
    serviceFirewallController(registry, {
      nft: createNft(),
      persist: (script) => persist(unitDirectory, script),
      activate: () => serviceManager.start('quadshift-net.service'),
      serviceCidr,
    }),
  ];
}

/** Through the unit directory, which owns that folder: a mark of whose it is, and one writer at a time. */
async function persist(unitDirectory: UnitDirectory, script: string): Promise<void> {
  const content = `# Kind=Service UID=${FIREWALL_OWNER}\n${script}`;
  const file = { root: 'state', path: 'net/services.nft', content, mode: 0o644 } as const;
  await unitDirectory.apply([{ owner: FIREWALL_OWNER, files: [file], directories: [], links: [] }]);
}
