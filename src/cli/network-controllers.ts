import { dirname, join } from 'node:path';
import { makeFolder, syncFolder, writeDurably } from '../../systemd/durable-write.ts';
import type { ServiceManager } from '../../systemd/service-manager.ts';
import type { Config } from '../config/schema.ts';
import type { Controller } from '../controllers/controller.ts';
import { kubernetesServiceController } from '../controllers/kubernetes-service.ts';
import { gatewayOf } from '../controllers/pod-units/pod-address.ts';
import { serviceEndpointsController } from '../controllers/service-endpoints.ts';
import { serviceFirewallController } from '../controllers/service-firewall.ts';
import { createNft } from '../host/nft.ts';
import type { Registry } from '../registry/registry.ts';

/** What the data path's controllers are joined from. */
export interface NetworkOptions {
  readonly config: Config;
  readonly registry: Registry;
  readonly serviceManager: ServiceManager;
  readonly nodeName: string;
}

/** The controllers that keep Services, their endpoints and the packet filter true. */
export function networkControllers(options: NetworkOptions): readonly Controller[] {
  const { config, registry, serviceManager, nodeName } = options;
  const { serviceCidr } = config.network;
  const gateway = gatewayOf(config.network.podCidr);
  return [
    serviceEndpointsController(registry),
    kubernetesServiceController(registry, { nodeName, serviceCidr, apiPort: config.api.port, gateway }),
    serviceFirewallController(registry, {
      nft: createNft(),
      persist: (script) => persist(join(config.paths.state, 'net/services.nft'), script),
      activate: () => serviceManager.start('quadshift-net.service'),
      serviceCidr,
    }),
  ];
}

async function persist(path: string, content: string): Promise<void> {
  await makeFolder(dirname(path), 0o755);
  await writeDurably(path, content, 0o644);
  await syncFolder(dirname(path));
}
