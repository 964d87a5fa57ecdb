import { join } from 'node:path';
import type { ServiceManager } from '../../systemd/service-manager.ts';
import { writeDurably } from '../auth/write-durably.ts';
import type { Config } from '../config/schema.ts';
import type { Controller } from '../controllers/controller.ts';
import { dnsServiceController } from '../controllers/dns-service.ts';
import { kubernetesServiceController } from '../controllers/kubernetes-service.ts';
import { gatewayOf } from '../controllers/pod-units/pod-address.ts';
import { serviceEndpointsController } from '../controllers/service-endpoints.ts';
import { serviceFirewallController } from '../controllers/service-firewall.ts';
import { createNft } from '../host/nft.ts';
import type { Registry } from '../registry/registry.ts';

/** What the controllers of the data path are joined from. */
export interface NetworkControllersOptions {
  readonly config: Config;
  readonly registry: Registry;
  readonly serviceManager: ServiceManager;
  readonly nodeName: string;
}

/** Services, their endpoints and their names, with the drivers that carry them to the host. */
export function networkControllers(options: NetworkControllersOptions): readonly Controller[] {
  const { config, registry, serviceManager, nodeName } = options;
  const { serviceCidr, podCidr } = config.network;
  const gateway = gatewayOf(podCidr);
  const folder = join(config.paths.state, 'net');
  return [
    kubernetesServiceController(registry, { serviceCidr, gateway, nodeName, apiPort: config.api.port }),
    dnsServiceController(registry, { serviceCidr, gateway }),
    serviceEndpointsController(registry),
    serviceFirewallController(registry, {
      nft: createNft(),
      persist: (script) => writeDurably(join(folder, 'services.nft'), script),
      activate: () => serviceManager.start('quadshift-net.service'),
      serviceCidr,
    }),
  ];
}
