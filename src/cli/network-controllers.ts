import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, syncFolder, writeDurably } from '../../systemd/durable-write.ts';
import type { ServiceManager } from '../../systemd/service-manager.ts';
import type { UnitDirectory } from '../../systemd/unit-directory.ts';
import type { Config } from '../config/schema.ts';
import type { Controller, Log } from '../controllers/controller.ts';
import { dnsServiceController } from '../controllers/dns-service.ts';
import { endpointSliceMirroringController } from '../controllers/endpoint-slice-mirroring.ts';
import { endpointsOfServicesController } from '../controllers/endpoints-of-services.ts';
import type { EventRecorder } from '../controllers/events.ts';
import { kubernetesServiceController } from '../controllers/kubernetes-service.ts';
import { serviceEndpointsController } from '../controllers/service-endpoints.ts';
import { serviceFirewallController } from '../controllers/service-firewall.ts';
import { serviceHealthController } from '../controllers/service-health.ts';
import { serviceLoadBalancerController } from '../controllers/service-load-balancer.ts';
import { type NetFiles, RESOLVER_SOCKET, serviceNamesController } from '../controllers/service-names.ts';
import { createConntrack } from '../host/conntrack.ts';
import { readListeners } from '../host/listeners.ts';
import { createNft } from '../host/nft.ts';
import { createUnbound } from '../host/resolver.ts';
import type { Registry } from '../registry/registry.ts';
import { networkRanges } from './network-ranges.ts';

/** What the ruleset's file names as its owner: it belongs to all Services. */
const FIREWALL_OWNER = 'services';

/** What the data path's controllers are joined from. */
export interface NetworkOptions {
  readonly config: Config;
  readonly registry: Registry;
  readonly serviceManager: ServiceManager;
  readonly unitDirectory: UnitDirectory;
  readonly recorder: EventRecorder;
  readonly nodeName: string;
  readonly log: Log;
}

/** The controllers that keep Services, their endpoints, the packet filter and the names true. */
export function networkControllers(options: NetworkOptions): readonly Controller[] {
  const { config, registry, serviceManager, unitDirectory, recorder, nodeName, log } = options;
  const { serviceCidr, clusterDomain, stubDomains } = config.network;
  const { serviceCidrs, podCidrs, gateways } = networkRanges(config);
  const [gateway = ''] = gateways;
  const files = netFiles(join(config.paths.state, 'net'));
  return [
    serviceEndpointsController(registry),
    endpointsOfServicesController(registry),
    endpointSliceMirroringController(registry, recorder),
    serviceLoadBalancerController({
      ...{ registry, recorder, nodeName, reservedPorts: [`${config.api.port}/TCP`] },
      listeners: () => readListeners(),
    }),
    kubernetesServiceController(registry, { nodeName, serviceCidr, apiPort: config.api.port, gateway }),
    serviceFirewallController({
      nft: createNft(),
      conntrack: createConntrack(),
      persist: (script) => persist(unitDirectory, script),
      activate: () => serviceManager.start('quadshift-net.service'),
      ...{ serviceCidrs, podCidrs, nodeName, log },
    }),
    serviceHealthController(registry, {
      ...{ unitDirectory, serviceManager, recorder, nodeName },
      stateFolder: config.paths.state,
    }),
    dnsServiceController(registry, { serviceCidr, gateway }),
    serviceNamesController({
      ...{ files, serviceManager, clusterDomain, serviceCidrs, podCidrs, gateways, stubDomains },
      resolver: createUnbound(RESOLVER_SOCKET),
    }),
  ];
}

/** What the resolver reads: it runs without us, and as a user of its own. */
function netFiles(folder: string): NetFiles {
  return {
    folder,
    read: (name) => readFile(join(folder, name), 'utf8').catch(() => undefined),
    write: async (name, content) => {
      makeFolder(folder, 0o755);
      await writeDurably(join(folder, name), content, 0o644);
      await syncFolder(folder);
    },
  };
}

/** Through the unit directory, which owns that folder: a mark of whose it is, and one writer at a time. */
async function persist(unitDirectory: UnitDirectory, script: string): Promise<void> {
  const content = `# Kind=Service UID=${FIREWALL_OWNER}\n${script}`;
  const file = { root: 'state', path: 'net/services.nft', content, mode: 0o644 } as const;
  await unitDirectory.apply([{ owner: FIREWALL_OWNER, files: [file], directories: [], links: [] }]);
}
