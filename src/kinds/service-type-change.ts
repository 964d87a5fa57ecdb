import { isExternallyAccessible } from './service-defaults.ts';
import type { Draft, Service, ServiceSpec, Sparse } from './types.ts';

type Spec = Sparse<ServiceSpec>;
type Field = keyof Spec;

function typeOf(spec: Spec): string {
  return spec.type || 'ClusterIP';
}

function needsClusterIp(spec: Spec): boolean {
  return typeOf(spec) !== 'ExternalName';
}

function isBalanced(spec: Spec): boolean {
  return spec.type === 'LoadBalancer';
}

function needsNodePorts(spec: Spec): boolean {
  return spec.type === 'NodePort' || (isBalanced(spec) && spec.allocateLoadBalancerNodePorts !== false);
}

function needsHealthCheckPort(spec: Spec): boolean {
  return isBalanced(spec) && spec.externalTrafficPolicy === 'Local';
}

/** Which fields make sense only while a condition holds. */
const DEPENDENT: readonly { readonly fields: readonly Field[]; readonly while: (spec: Spec) => boolean }[] = [
  { fields: ['clusterIPs', 'clusterIP', 'ipFamilies', 'ipFamilyPolicy'], while: needsClusterIp },
  { fields: ['healthCheckNodePort'], while: needsHealthCheckPort },
  { fields: ['allocateLoadBalancerNodePorts', 'loadBalancerClass'], while: isBalanced },
  { fields: ['externalTrafficPolicy'], while: (spec) => isExternallyAccessible({ ...spec, type: typeOf(spec) }) },
];

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function nodePorts(spec: Spec): readonly number[] {
  return (spec.ports ?? []).map((port) => port.nodePort ?? 0).filter((port) => port > 0);
}

function withoutNodePorts(spec: Spec, old: Spec): Spec {
  const before = new Set(nodePorts(old));
  const changed = nodePorts(spec).some((port) => !before.has(port));
  if (!needsNodePorts(old) || needsNodePorts(spec) || changed || !spec.ports) return spec;
  return { ...spec, ports: spec.ports.map(({ nodePort: _, ...port }) => port) };
}

/**
 * A Service that changes its type loses what the new type doesn't have, unless the client changed that too: then
 * validation speaks (`dropTypeDependentFields`).
 */
export function dropTypeDependent(service: Draft<Service>, old: Draft<Service>): Draft<Service> {
  const [spec, before] = [service.spec, old.spec];
  if (!spec || !before) return service;
  const gone = DEPENDENT.filter((row) => row.while(before) && !row.while(spec)).flatMap((row) => row.fields);
  const dropped = new Set<string>(gone.filter((field) => same(spec[field], before[field])));
  const kept = Object.fromEntries(Object.entries(spec).filter(([field]) => !dropped.has(field))) as Spec;
  return { ...service, spec: withoutNodePorts(kept, before) };
}
