import { defined } from './pod-spec/defined.ts';
import type { Draft, Service, ServicePort, ServiceSpec, Sparse } from './types.ts';

type Spec = Sparse<ServiceSpec>;
type Port = Sparse<ServicePort>;

function hasClusterIp(spec: Spec): boolean {
  return ['ClusterIP', 'NodePort', 'LoadBalancer'].includes(spec.type || 'ClusterIP');
}

function hasNodePorts(spec: Spec): boolean {
  return spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false);
}

function keepClusterIp(spec: Spec, old: Spec): Spec {
  if (!hasClusterIp(spec) || !hasClusterIp(old)) return spec;
  const clusterIP = spec.clusterIP || old.clusterIP;
  const same = clusterIP === old.clusterIP && (spec.clusterIPs ?? []).length === 0;
  return {
    ...spec,
    ...defined('clusterIP', clusterIP),
    ...defined('clusterIPs', same ? old.clusterIPs : spec.clusterIPs),
    ...defined('ipFamilies', spec.ipFamilies ?? old.ipFamilies),
    ...defined('ipFamilyPolicy', spec.ipFamilyPolicy ?? old.ipFamilyPolicy),
  };
}

/** Whatever else changes: a port is the one of the same name. */
function keepNodePorts(spec: Spec, old: Spec): Spec {
  if (!hasNodePorts(spec) || !hasNodePorts(old)) return spec;
  const used = new Set((spec.ports ?? []).map((port) => port.nodePort).filter(Boolean));
  const before = new Map((old.ports ?? []).map(({ name = '', nodePort }) => [name, nodePort]));
  const keep = (port: Port): Port => {
    const nodePort = before.get(port.name ?? '');
    return port.nodePort || !nodePort || used.has(nodePort) ? port : { ...port, nodePort };
  };
  return { ...spec, ...defined('ports', spec.ports?.map(keep)) };
}

/**
 * An update that leaves out what was allocated keeps it (`patchAllocatedValues`). Defaults run later,
 * so absent types and protocols count as their defaults.
 */
export function keepAllocated(service: Draft<Service>, old: Draft<Service>): Draft<Service> {
  if (!service.spec || !old.spec) return service;
  return { ...service, spec: keepNodePorts(keepClusterIp(service.spec, old.spec), old.spec) };
}
