import { addressInCidr } from '../machinery/ipv4.ts';
import type { Registry } from '../registry/registry.ts';
import type { Controller } from './controller.ts';
import { type SystemService, systemServiceController } from './system-service.ts';

/** Where the cluster's resolver answers. */
export interface DnsServiceOptions {
  /** The Service gets its tenth address, as everywhere. */
  readonly serviceCidr: string;
  /** The address at which the resolver listens. */
  readonly gateway: string;
}

/** `kube-system/kube-dns`, the usual way to the resolver. Pure. */
export function dnsService({ serviceCidr, gateway }: DnsServiceOptions): SystemService {
  return {
    namespace: 'kube-system',
    name: 'kube-dns',
    labels: { 'k8s-app': 'kube-dns', 'kubernetes.io/cluster-service': 'true', 'kubernetes.io/name': 'CoreDNS' },
    clusterIP: addressInCidr(serviceCidr, 10),
    ports: [
      { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
      { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
    ],
    addresses: [gateway],
  };
}

/** Keeps `kube-system/kube-dns`. */
export function dnsServiceController(registry: Registry, options: DnsServiceOptions): Controller {
  const wanted = dnsService(options);
  return systemServiceController(registry, { controller: 'dns-service', inputs: [], wanted: () => wanted });
}
