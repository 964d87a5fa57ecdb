import type { EndpointSlice, Pod, Service } from '../kinds/types.ts';
import { isDeleting, nameOf, namespaceOf, uidOf } from './meta.ts';

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];
type SlicePort = NonNullable<EndpointSlice['ports']>[number];

/** Whether the Service's selector picks the pod. A Service without a selector picks none. */
export function selects(service: Service, pod: Pod): boolean {
  const selector = Object.entries(service.spec?.selector ?? {});
  const labels = pod.metadata?.labels ?? {};
  return selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
}

/** The pod as an endpoint of the Service; undefined while it has no address or when it has ended. */
export function toEndpoint(service: Service, pod: Pod): Endpoint | undefined {
  const address = pod.status?.podIP;
  if (!address || pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed') return undefined;
  const serving = pod.status?.conditions?.some((c) => c.type === 'Ready' && c.status === 'True') ?? false;
  const terminating = isDeleting(pod);
  const ready = service.spec?.publishNotReadyAddresses === true || (serving && !terminating);
  const hostname = pod.spec?.subdomain === nameOf(service) && pod.spec.hostname ? { hostname: pod.spec.hostname } : {};
  return {
    addresses: [address],
    conditions: { ready, serving, terminating },
    ...hostname,
    ...(pod.spec?.nodeName ? { nodeName: pod.spec.nodeName } : {}),
    targetRef: { kind: 'Pod', namespace: namespaceOf(pod), name: nameOf(pod), uid: uidOf(pod) },
  };
}

/** The Service's ports with targets resolved for this pod; ports whose name the pod lacks are left out. */
export function resolvePorts(service: Service, pod: Pod): readonly SlicePort[] {
  return (service.spec?.ports ?? []).flatMap((port) => {
    const number = targetPort(port.targetPort ?? port.port, port.protocol ?? 'TCP', pod);
    if (number === undefined) return [];
    const appProtocol = port.appProtocol ? { appProtocol: port.appProtocol } : {};
    return [{ name: port.name ?? '', port: number, protocol: port.protocol ?? 'TCP', ...appProtocol }];
  });
}

function targetPort(target: number | string, protocol: string, pod: Pod): number | undefined {
  if (typeof target === 'number') return target;
  const ports = (pod.spec?.containers ?? []).flatMap((container) => container.ports ?? []);
  return ports.find((port) => port.name === target && (port.protocol ?? 'TCP') === protocol)?.containerPort;
}
