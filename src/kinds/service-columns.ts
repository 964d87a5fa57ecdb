import type { Column } from '../machinery/table.ts';
import { ageColumn, column, formatLabels, nameColumn, orElse, wideColumn } from './columns.ts';
import type { Draft, LoadBalancerStatus, Service, ServicePort, Sparse } from './types.ts';

type Object = Draft<Service>;

/** Addresses or host names of a load balancer, sorted. */
export function formatLoadBalancer(status: Sparse<LoadBalancerStatus> | undefined): string {
  const names = (status?.ingress ?? []).map((each) => each.ip || each.hostname || '').filter((name) => name !== '');
  return [...new Set(names)].sort().join(',');
}

function externalIp(service: Object): string {
  const external = service.spec?.externalIPs ?? [];
  switch (service.spec?.type) {
    case 'ClusterIP':
    case 'NodePort':
      return orElse(external.join(','), '<none>');
    case 'LoadBalancer': {
      const balancer = formatLoadBalancer(service.status?.loadBalancer);
      return orElse([...(balancer === '' ? [] : [balancer]), ...external].join(','), '<pending>');
    }
    case 'ExternalName':
      return service.spec.externalName ?? '';
    default:
      return '<unknown>';
  }
}

function formatPort(port: Sparse<ServicePort>): string {
  const { port: number = 0, protocol = '', nodePort = 0 } = port;
  return nodePort > 0 ? `${number}:${nodePort}/${protocol}` : `${number}/${protocol}`;
}

/** What `kubectl get services` shows. */
export const serviceColumns: readonly Column<Object>[] = [
  nameColumn,
  column('Type', 'string', 'How it is reached.', (o) => o.spec?.type ?? ''),
  column('Cluster-IP', 'string', 'Its address in the cluster.', (o) => orElse(o.spec?.clusterIP, '<none>')),
  column('External-IP', 'string', 'Its addresses outside.', externalIp),
  column('Port(s)', 'string', 'Ports, with node ports.', (o) =>
    orElse((o.spec?.ports ?? []).map(formatPort).join(','), '<none>'),
  ),
  ageColumn,
  wideColumn('Selector', 'string', 'Which pods answer.', (o) => formatLabels(o.spec?.selector)),
];
