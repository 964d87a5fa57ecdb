import { defined } from './pod-spec/defined.ts';
import type { Draft, Service, ServicePort, ServiceSpec, Sparse } from './types.ts';

type Spec = Sparse<ServiceSpec>;

/** Three hours. */
const AFFINITY_SECONDS = 10_800;

/** Whether clients outside can reach it, which gives it an external traffic policy. */
export function isExternallyAccessible(spec: Spec): boolean {
  const { type, externalIPs = [] } = spec;
  return type === 'NodePort' || type === 'LoadBalancer' || (type === 'ClusterIP' && externalIPs.length > 0);
}

function portDefaults(port: Sparse<ServicePort>): Sparse<ServicePort> {
  return { ...port, protocol: port.protocol || 'TCP', ...defined('targetPort', port.targetPort || port.port) };
}

function affinityDefaults(spec: Spec): Spec {
  const sessionAffinity = spec.sessionAffinity || 'None';
  if (sessionAffinity !== 'ClientIP') {
    const { sessionAffinityConfig: _, ...rest } = spec;
    return { ...(sessionAffinity === 'None' ? rest : spec), sessionAffinity };
  }
  const timeoutSeconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? AFFINITY_SECONDS;
  return { ...spec, sessionAffinity, sessionAffinityConfig: { clientIP: { timeoutSeconds } } };
}

function policyDefaults(spec: Spec): Spec {
  const inside = ['ClusterIP', 'NodePort', 'LoadBalancer'].includes(spec.type ?? '');
  return {
    ...spec,
    ...(isExternallyAccessible(spec) ? { externalTrafficPolicy: spec.externalTrafficPolicy || 'Cluster' } : {}),
    ...(inside ? { internalTrafficPolicy: spec.internalTrafficPolicy || 'Cluster' } : {}),
    ...(spec.type === 'LoadBalancer'
      ? { allocateLoadBalancerNodePorts: spec.allocateLoadBalancerNodePorts ?? true }
      : {}),
  };
}

/** Addresses of a load balancer are the Service's own unless it says that they are another's. */
function statusDefaults({ spec, status }: Draft<Service>): Draft<Service>['status'] {
  const ingress = status?.loadBalancer?.ingress;
  if (spec?.type !== 'LoadBalancer' || ingress === undefined) return status;
  const complete = ingress.map((each) => (each.ip && !each.ipMode ? { ...each, ipMode: 'VIP' } : each));
  return { ...status, loadBalancer: { ...status?.loadBalancer, ingress: complete } };
}

/** `SetDefaults_Service`. */
export function applyServiceDefaults(service: Draft<Service>): Draft<Service> {
  const spec: Spec = service.spec ?? {};
  const typed = { ...spec, type: spec.type || 'ClusterIP', ...defined('ports', spec.ports?.map(portDefaults)) };
  return { ...service, ...defined('status', statusDefaults(service)), spec: policyDefaults(affinityDefaults(typed)) };
}
