import type { Node } from '../kinds/types.ts';
import { addressInCidr, parseIpv4 } from '../machinery/ipv4.ts';
import type { Registry } from '../registry/registry.ts';
import type { Controller } from './controller.ts';
import { kindOf, resourceOf } from './resources.ts';
import { type SystemService, systemServiceController } from './system-service.ts';

/** Where the API answers. */
export interface KubernetesServiceOptions {
  /** The Service gets its first address. */
  readonly serviceCidr: string;
  /** Port of the API's own listener. */
  readonly apiPort: number;
  readonly nodeName: string;
  /** Where pods reach the host while it has no address: the bridge's gateway. */
  readonly gateway: string;
}

/** `default/kubernetes`, under which pods know the API. Pure. */
export function kubernetesService(node: Node | undefined, options: KubernetesServiceOptions): SystemService {
  const own = (node?.status?.addresses ?? []).filter(({ type }) => type === 'InternalIP').map((a) => a.address);
  const address = own.find((each) => parseIpv4(each) !== undefined) ?? options.gateway;
  return {
    namespace: 'default',
    name: 'kubernetes',
    labels: { component: 'apiserver', provider: 'kubernetes' },
    clusterIP: addressInCidr(options.serviceCidr, 1),
    ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: options.apiPort }],
    addresses: [address],
  };
}

/** Keeps `default/kubernetes` at the first address of the range, answered where the host is now. */
export function kubernetesServiceController(registry: Registry, options: KubernetesServiceOptions): Controller {
  const nodes = resourceOf<Node>(registry, kindOf(registry, '/nodes'));
  return systemServiceController(registry, {
    controller: 'kubernetes-service',
    inputs: ['/nodes'],
    wanted: () => kubernetesService(nodes.find('', options.nodeName), options),
  });
}
