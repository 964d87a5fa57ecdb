import type { EndpointSlice, Pod, Service } from '../kinds/types.ts';
import { familyOf, type IpFamily } from '../machinery/ip.ts';
import type { ObjectChange } from './controller.ts';
import { podsAmong, servicesAmong } from './indexes.ts';
import { isDeleting, nameOf, namespaceOf, objectKey, uidOf } from './meta.ts';
import type { Resource } from './resources.ts';

type Endpoint = NonNullable<EndpointSlice['endpoints']>[number];
type SlicePort = NonNullable<EndpointSlice['ports']>[number];

/** Whether the Service has a selector. An empty one is none: upstream's storage doesn't know the difference. */
export function hasSelector(service: Service): boolean {
  return Object.keys(service.spec?.selector ?? {}).length > 0;
}

/** Whether the Service's selector picks the pod. A Service without a selector picks none. */
export function selects(service: Service, pod: Pod): boolean {
  const selector = Object.entries(service.spec?.selector ?? {});
  const labels = pod.metadata?.labels ?? {};
  return selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
}

/** Label of the endpoints of a Service without an address of its own. */
const HEADLESS = 'service.kubernetes.io/headless';

/** The pods that the Service's selector picks. */
export function selectedPods(service: Service, pods: Resource<Pod>): readonly Pod[] {
  if (!hasSelector(service)) return [];
  return podsAmong(namespaceOf(service), service.spec?.selector, pods).filter((pod) => selects(service, pod));
}

/** Labels of whatever lists a Service's endpoints: the Service's, and whether it is headless. */
export function endpointLabels({ metadata, spec }: Service): { readonly [key: string]: string } {
  const { [HEADLESS]: _, ...labels } = metadata?.labels ?? {};
  return !spec?.clusterIP || spec.clusterIP === 'None' ? { ...labels, [HEADLESS]: '' } : labels;
}

/** Keys of the Services that a pod's change may concern: those that pick it, or did before. */
export function selectingServices(services: Resource<Service>, { entry, previous }: ObjectChange): readonly string[] {
  const pods = [entry.object, ...(previous ? [previous.object] : [])] as readonly Pod[];
  return pods.flatMap((pod) =>
    servicesAmong(pod, services)
      .filter((service) => selects(service, pod))
      .map(objectKey),
  );
}

/** The families of a Service's addresses, its own first. */
export function familiesOf(service: Service): readonly IpFamily[] {
  const families = (service.spec?.ipFamilies ?? []) as readonly IpFamily[];
  return families.length > 0 ? families : [familyOf(service.spec?.clusterIP ?? '') ?? 'IPv4'];
}

/** A pod's address of a family; undefined while it has none. */
export function podAddress(pod: Pod, family: IpFamily): string | undefined {
  const { podIP, podIPs = [] } = pod.status ?? {};
  const all = podIPs.length > 0 ? podIPs.map(({ ip }) => ip) : [podIP ?? ''];
  return all.find((ip) => familyOf(ip) === family);
}

/** The pod as an endpoint of the Service; undefined while it has no such address or when it has ended. */
export function toEndpoint(service: Service, pod: Pod, family: IpFamily): Endpoint | undefined {
  const address = podAddress(pod, family);
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

/** The pod's containers, those that go on beside the others included. */
function containersOf(pod: Pod): readonly NonNullable<Pod['spec']>['containers'][number][] {
  const sidecars = (pod.spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === 'Always');
  return [...(pod.spec?.containers ?? []), ...sidecars];
}

function targetPort(target: number | string, protocol: string, pod: Pod): number | undefined {
  if (typeof target === 'number') return target;
  const ports = containersOf(pod).flatMap((container) => container.ports ?? []);
  return ports.find((port) => port.name === target && (port.protocol ?? 'TCP') === protocol)?.containerPort;
}
