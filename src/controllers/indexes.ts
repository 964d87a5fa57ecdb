import type { EndpointSlice, Pod, Service } from '../kinds/types.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import type { LabelSelectorObject } from '../machinery/selectors.ts';
import { serviceKey } from './endpoints/slice-plan.ts';
import { controllerOf, namespaceOf, uidOf } from './meta.ts';
import type { Resource } from './resources.ts';

/*
 * What objects are found by, so that a look at one thing costs what belongs to it, not all there is. Each function here
 * is an index of the registry: known by itself, and made once.
 */

/** By the controller's uid; what nobody controls, by its namespace. */
function byController(object: KubernetesObject): readonly string[] {
  return [controllerOf(object)?.uid ?? `/${namespaceOf(object)}`];
}

/** Pods by their node; '' for those without one. */
function byNode({ spec }: Pod): readonly string[] {
  return [spec?.nodeName ?? ''];
}

/** Pods by each of their labels. */
function byLabels(object: KubernetesObject): readonly string[] {
  const namespace = namespaceOf(object);
  return Object.entries(object.metadata?.labels ?? {}).map((label) => labelValue(namespace, label));
}

/** What selects by labels, by one of these; what asks for none, by its namespace. */
function bySelector(object: KubernetesObject, labels: { readonly [key: string]: string } | undefined): string {
  const namespace = namespaceOf(object);
  const [first] = Object.entries(labels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return first === undefined ? `${namespace}/` : labelValue(namespace, first);
}

function labelValue(namespace: string, [key, value]: readonly [string, string]): string {
  return `${namespace}/${key}=${value}`;
}

const byServiceSelector = (service: Service): readonly string[] => [bySelector(service, service.spec?.selector)];

interface Selecting extends KubernetesObject {
  readonly spec?: { readonly selector?: LabelSelectorObject };
}

const byLabelSelector = (object: Selecting): readonly string[] => [
  bySelector(object, object.spec?.selector?.matchLabels),
];

const byService = (slice: EndpointSlice): readonly string[] => [serviceKey(slice)];

/** Slices by the pods that are their endpoints. */
function byTarget({ endpoints }: EndpointSlice): readonly string[] {
  return (endpoints ?? []).flatMap(({ targetRef }) => targetRef?.uid ?? []);
}

/** What the owner controls. */
export function ownedBy<T extends KubernetesObject>(owner: KubernetesObject, resource: Resource<T>): readonly T[] {
  return resource.index(byController).get(uidOf(owner));
}

/** What the owner controls, and what of its namespace nobody does. */
export function claimable<T extends KubernetesObject>(owner: KubernetesObject, resource: Resource<T>): readonly T[] {
  return [...ownedBy(owner, resource), ...resource.index(byController).get(`/${namespaceOf(owner)}`)];
}

/** Pods of a node; of none for ''. */
export function podsOn(node: string, pods: Resource<Pod>): readonly Pod[] {
  return pods.index(byNode).get(node);
}

/** Pods of the namespace among which are all that have these labels; all of the namespace without labels. */
export function podsAmong(
  namespace: string,
  labels: { readonly [key: string]: string } | undefined,
  pods: Resource<Pod>,
): readonly Pod[] {
  const index = pods.index(byLabels);
  const values = Object.entries(labels ?? {}).map((label) => labelValue(namespace, label));
  const [rarest] = values.sort((a, b) => index.count(a) - index.count(b));
  return rarest === undefined ? pods.list(namespace) : index.get(rarest);
}

/** Services among which are all that select the pod. */
export function servicesAmong(pod: KubernetesObject, services: Resource<Service>): readonly Service[] {
  const index = services.index(byServiceSelector);
  return byLabels(pod).flatMap((value) => index.get(value));
}

/** What selects by labels, among which is all that selects these labels of an object of the namespace. */
export function selectorsAmong<T extends Selecting>(object: KubernetesObject, resource: Resource<T>): readonly T[] {
  const index = resource.index(byLabelSelector);
  return [`${namespaceOf(object)}/`, ...byLabels(object)].flatMap((value) => index.get(value));
}

/** The slices that have the pod as an endpoint. */
export function slicesWith(pod: Pod, slices: Resource<EndpointSlice>): readonly EndpointSlice[] {
  return slices.index(byTarget).get(uidOf(pod));
}

/** The slices of a Service, `namespace/name`. */
export function slicesOf(service: string, slices: Resource<EndpointSlice>): readonly EndpointSlice[] {
  return slices.index(byService).get(service);
}
