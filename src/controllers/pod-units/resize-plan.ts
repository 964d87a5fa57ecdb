import { amountsOf } from '../../kinds/quota/amounts.ts';
import type { Container, ContainerStatus, Pod, PodSpec } from '../../kinds/types.ts';
import { type Quantity, quantityToMilli, quantityToNumber } from '../../machinery/quantity.ts';
import { isSidecar } from '../pod-status/container-status.ts';
import { ownResources } from '../pod-status/own-resources.ts';
import { heldBy, lackOfResources } from '../scheduling/resource-fit.ts';
import type { SchedulingSnapshot } from '../scheduling/snapshot.ts';

type List = { readonly [name: string]: string } | undefined;
type Resources = { readonly limits?: List; readonly requests?: List } | undefined;

/** One container that shall have other resources than it has. */
export interface Change {
  readonly container: Container;
  readonly isRestarted: boolean;
}

/** What becomes of a running pod whose spec asks for other resources. */
export type ResizePlan =
  | { readonly action: 'none' }
  /** Without changes only what the pod has as a whole is another. */
  | { readonly action: 'apply'; readonly changes: readonly Change[] }
  | { readonly action: 'wait'; readonly reason: 'Deferred' | 'Infeasible'; readonly message: string };

/** The node, and what the others hold of it. */
export type NodeAndLoad = Pick<SchedulingSnapshot, 'node' | 'load'>;

/** Whether and how a pod is resized where it runs. Pure. */
export function planResize(pod: Pod, snapshot: NodeAndLoad): ResizePlan {
  const allocated = asAllocated(pod);
  const changes = resizable(pod).flatMap((container) => changeOf(container, { pod, allocated }));
  if (changes.length === 0 && !isOwnChanged(pod, allocated)) return { action: 'none' };
  const lack = lackOfResources(pod, snapshot).filter(({ reason }) => reason.startsWith('Insufficient '));
  const worst = lack.find(({ resolvable }) => !resolvable) ?? lack[0];
  if (worst === undefined) return { action: 'apply', changes };
  const resource = worst.reason.replace('Insufficient ', '');
  const [requested, capacity] = [heldBy(withoutStatus(pod)), amountsOf(snapshot.node.status?.allocatable)].map((list) =>
    inUnits(resource, list.get(resource)),
  );
  if (!worst.resolvable) {
    const message = `Node didn't have enough capacity: ${resource}, requested: ${requested}, capacity: ${capacity}`;
    return { action: 'wait', reason: 'Infeasible', message };
  }
  const used = inUnits(resource, snapshot.load.held.get(resource));
  const message = `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`;
  return { action: 'wait', reason: 'Deferred', message };
}

function withoutStatus({ status: _, ...pod }: Pod): Pod {
  return pod;
}

function inUnits(resource: string, quantity: Quantity | undefined): number {
  if (quantity === undefined) return 0;
  return resource === 'cpu' ? quantityToMilli(quantity) : quantityToNumber(quantity);
}

/** Sidecars are resized like the others; init containers that end start with what they are asked for. */
function resizable({ spec }: Pod): readonly Container[] {
  return [...(spec?.initContainers ?? []).filter(isSidecar), ...(spec?.containers ?? [])];
}

function statusOf({ status }: Pod, { name }: Container): ContainerStatus | undefined {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])].find(
    (one) => one.name === name,
  );
}

interface Both {
  readonly pod: Pod;
  readonly allocated: Pod;
}

/** What it runs with is in its status; one that has none yet is new. */
function changeOf(container: Container, { pod, allocated }: Both): readonly Change[] {
  const given = statusOf(pod, container)?.resources;
  if (given === undefined) return [];
  const [wanted, has] = [inPod(container.resources, pod), inPod(given, allocated)];
  const changed = COMPUTE.filter((name) => !isSame(wanted, has, name));
  if (changed.length === 0) return [];
  const isRestarted = (container.resizePolicy ?? []).some(
    ({ resourceName, restartPolicy }) => restartPolicy === 'RestartContainer' && changed.includes(resourceName),
  );
  return [{ container, isRestarted }];
}

const COMPUTE = ['cpu', 'memory'];

/** A container without limits of its own has its pod's. */
function inPod(resources: Resources, { spec }: Pod): Resources {
  return { requests: resources?.requests, limits: { ...spec?.resources?.limits, ...resources?.limits } };
}

function isSame(a: Resources, b: Resources, name: string): boolean {
  return isEqual(a?.requests, b?.requests, name) && isEqual(a?.limits, b?.limits, name);
}

function isEqual(a: List, b: List, name: string): boolean {
  return amountsOf(a).get(name)?.nano === amountsOf(b).get(name)?.nano;
}

/** Whether the pod shall have another share or other limits as a whole than it was given. */
function isOwnChanged(pod: Pod, allocated: Pod): boolean {
  if (!isStarted(pod)) return false;
  const [wanted, has] = [ownResources(pod).resources, ownResources(allocated).resources];
  return COMPUTE.some((name) => !isSame(wanted, has, name));
}

/** Whether somebody has written down what the pod was given. */
function isStarted({ status }: Pod): boolean {
  return status?.resources !== undefined || status?.containerStatuses?.[0]?.resources !== undefined;
}

/** The pod as it runs: with the resources that it and its containers were given, while others are asked for in vain. */
export function asAllocated(pod: Pod): Pod {
  const { spec } = pod;
  if (spec === undefined) return pod;
  const allocated = (container: Container): Container => {
    const given = statusOf(pod, container)?.resources;
    return given === undefined ? container : { ...container, resources: givenTo(container, given) };
  };
  const initContainers = spec.initContainers?.map((one) => (isSidecar(one) ? allocated(one) : one));
  return {
    ...pod,
    spec: {
      ...withOwn(spec, pod),
      ...(initContainers ? { initContainers } : {}),
      containers: spec.containers.map(allocated),
    },
  };
}

/** With what the pod was given as a whole; without, where it was given nothing when it started. */
function withOwn(spec: PodSpec, pod: Pod): PodSpec {
  if (!isStarted(pod)) return spec;
  const given = pod.status?.resources;
  const { resources: _, ...rest } = spec;
  if (given === undefined) return rest;
  // What its containers ask for together is not what it asks for itself.
  const asked = Object.keys(spec.resources?.requests ?? given.requests ?? {});
  const requests = Object.fromEntries(Object.entries(given.requests ?? {}).filter(([name]) => asked.includes(name)));
  return { ...rest, resources: givenTo(spec, { ...given, requests }) };
}

/** What was not given is not there, whatever is asked for. */
function givenTo(
  { resources }: Pick<PodSpec | Container, 'resources'>,
  { limits, requests }: NonNullable<Resources>,
): NonNullable<Container['resources']> {
  return { ...resources, limits, requests };
}

/** The pod with the resources in its status that another version of it asks for: what `asAllocated` reads. */
export function withResources(now: Pod, resized: Pod): Pod {
  const given = new Map(resizable(resized).map((container) => [container.name, container.resources ?? {}]));
  const withGiven = (status: ContainerStatus): ContainerStatus => {
    const resources = given.get(status.name);
    if (resources === undefined) return status;
    const { limits, requests } = resources;
    return { ...status, resources: { limits, requests }, allocatedResources: requests };
  };
  const { initContainerStatuses: init, containerStatuses: app } = now.status ?? {};
  const lists = {
    ...(init ? { initContainerStatuses: init.map(withGiven) } : {}),
    ...(app ? { containerStatuses: app.map(withGiven) } : {}),
  };
  const { resources, allocatedResources } = ownResources(resized);
  return { ...now, status: { ...now.status, ...lists, resources, allocatedResources } };
}
