import { containerGroup } from '../../../translators/units/pod/container-group.ts';
import { podUnitNames } from '../../../translators/units/pod-names.ts';
import { amountsOf } from '../../kinds/quota/amounts.ts';
import type { Container, ContainerStatus, Pod, PodCondition } from '../../kinds/types.ts';
import { removeCondition, setCondition } from '../../machinery/conditions.ts';
import { semanticEqual } from '../../machinery/deep.ts';
import { type Quantity, quantityToMilli, quantityToNumber } from '../../machinery/quantity.ts';
import { timestamp } from '../clock.ts';
import { podsOn } from '../indexes.ts';
import { uidOf } from '../meta.ts';
import { isSidecar } from '../pod-status/container-status.ts';
import { loadOf } from '../scheduling/node-load.ts';
import { heldBy, lackOfResources } from '../scheduling/resource-fit.ts';
import type { SchedulingSnapshot } from '../scheduling/snapshot.ts';
import { isPodFinished, podCondition } from '../workloads/pod-facts.ts';
import { type Agent, kubelet } from './agent.ts';

type Resources = Container['resources'];

/** One container that shall have other resources than it has. */
interface Change {
  readonly container: Container;
  readonly isRestarted: boolean;
}

/** What becomes of a running pod whose spec asks for other resources. */
export type ResizePlan =
  | { readonly action: 'none' }
  | { readonly action: 'apply'; readonly changes: readonly Change[] }
  | { readonly action: 'wait'; readonly reason: 'Deferred' | 'Infeasible'; readonly message: string };

const PENDING = 'PodResizePending';

/** The node, and what the others hold of it. */
type NodeAndLoad = Pick<SchedulingSnapshot, 'node' | 'load'>;

/** Whether and how a pod is resized where it runs. Pure. */
export function planResize(pod: Pod, snapshot: NodeAndLoad): ResizePlan {
  const changes = resizable(pod).flatMap((container) => changeOf(container, statusOf(pod, container)));
  if (changes.length === 0) return { action: 'none' };
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

/** What it runs with is in its status; one that has none yet is new. */
function changeOf(container: Container, status: ContainerStatus | undefined): readonly Change[] {
  const given = status?.resources;
  if (given === undefined || semanticEqual(computeOf(given), computeOf(container.resources))) return [];
  const differs = (name: string): boolean =>
    container.resources?.requests?.[name] !== given.requests?.[name] ||
    container.resources?.limits?.[name] !== given.limits?.[name];
  const isRestarted = (container.resizePolicy ?? []).some(
    ({ resourceName, restartPolicy }) => restartPolicy === 'RestartContainer' && differs(resourceName),
  );
  return [{ container, isRestarted }];
}

function computeOf(resources: Resources): readonly unknown[] {
  const pick = (list: { readonly [name: string]: string } | undefined) => [list?.['cpu'], list?.['memory']];
  return [pick(resources?.requests), pick(resources?.limits)];
}

/** The pod as it runs: with the resources that its containers were given, while others are asked for in vain. */
export function asAllocated(pod: Pod): Pod {
  const { spec } = pod;
  if (spec === undefined) return pod;
  const allocated = (container: Container): Container => {
    const given = statusOf(pod, container)?.resources;
    return given === undefined ? container : { ...container, resources: { ...container.resources, ...given } };
  };
  const initContainers = spec.initContainers?.map((one) => (isSidecar(one) ? allocated(one) : one));
  return {
    ...pod,
    spec: { ...spec, ...(initContainers ? { initContainers } : {}), containers: spec.containers.map(allocated) },
  };
}

/** Gives running containers their new limits without a restart, but for those that want one; and says so in the status. */
export async function applyResize(pod: Pod, changes: readonly Change[], agent: Agent): Promise<void> {
  const names = podUnitNames(pod).containers;
  agent.recorder.record(pod, kubelet('Normal', 'ResizeStarted', summary('Pod resize started', pod)));
  for (const { container, isRestarted } of changes) {
    const unit = names.find((one) => one.container === container.name);
    if (unit === undefined) continue;
    if (isRestarted) await agent.serviceManager.restart(unit.service);
    else if (canLimit(agent)) await agent.podman.updateContainer(unit.podmanName, containerGroup(pod, container));
  }
  await agent.resources.pods.modify(pod, (now) => withResources(now, pod), 'status');
  agent.recorder.record(pod, kubelet('Normal', 'ResizeCompleted', summary('Pod resize completed', pod)));
}

/** A host without controllers has nothing to tell a container. */
function canLimit({ resources, nodeName }: Agent): boolean {
  const { conditions = [] } = resources.nodes.find('', nodeName)?.status ?? {};
  return conditions.find(({ type }) => type === 'quadshift.io/LimitsEnforced')?.status !== 'False';
}

function withResources(now: Pod, resized: Pod): Pod {
  const given = new Map(resizable(resized).map((container) => [container.name, container.resources]));
  const withGiven = (status: ContainerStatus): ContainerStatus => {
    const resources = given.get(status.name);
    return resources === undefined
      ? status
      : {
          ...status,
          resources: { limits: resources.limits, requests: resources.requests },
          allocatedResources: resources.requests,
        };
  };
  const { initContainerStatuses: init, containerStatuses: app } = now.status ?? {};
  const lists = {
    ...(init ? { initContainerStatuses: init.map(withGiven) } : {}),
    ...(app ? { containerStatuses: app.map(withGiven) } : {}),
  };
  const conditions = removeCondition(now.status?.conditions, PENDING);
  return { ...now, status: { ...now.status, ...lists, conditions } };
}

/** Says on the pod that it runs on as it is, and why. */
export async function reportPending(
  pod: Pod,
  { reason, message }: Extract<ResizePlan, { readonly action: 'wait' }>,
  { resources, recorder, clock }: Agent,
): Promise<void> {
  const before = podCondition(pod, PENDING);
  if (before?.reason === reason && before.message === message) return;
  const condition: PodCondition = {
    type: PENDING,
    status: 'True',
    reason,
    message,
    observedGeneration: pod.metadata?.generation,
  };
  const mark = (now: Pod): Pod => {
    const conditions = setCondition(now.status?.conditions, condition, timestamp(clock));
    return { ...now, status: { ...now.status, conditions } };
  };
  await resources.pods.modify(pod, mark, 'status');
  recorder.record(pod, kubelet('Warning', `Resize${reason}`, summary(`Pod resize ${reason}`, pod, message)));
}

/** A resize that was taken back waits for nothing. */
export async function clearPending(pod: Pod, { resources }: Agent): Promise<void> {
  if (podCondition(pod, PENDING) === undefined) return;
  const clear = (now: Pod): Pod => {
    const conditions = removeCondition(now.status?.conditions, PENDING);
    return { ...now, status: { ...now.status, conditions } };
  };
  await resources.pods.modify(pod, clear, 'status');
}

/** Upstream's sentence for people, with a summary for machines. */
function summary(prefix: string, { spec, metadata }: Pod, error?: string): string {
  const resourcesOf = (containers: readonly Container[] | undefined) =>
    containers?.map(({ name, resources }) => ({ name, resources: resources ?? {} }));
  const all = { initContainers: resourcesOf(spec?.initContainers), containers: resourcesOf(spec?.containers) };
  return `${prefix}: ${JSON.stringify({ ...all, generation: metadata?.generation, ...(error ? { error } : {}) })}`;
}

/** The node and who is on it beside the pod, as a resize is judged. */
export function resizeSnapshot(pod: Pod, { resources, nodeName }: Agent): NodeAndLoad | undefined {
  const node = resources.nodes.find('', nodeName);
  if (node === undefined) return undefined;
  const isHere = (other: Pod): boolean => !isPodFinished(other) && uidOf(other) !== uidOf(pod);
  return { node, load: loadOf(podsOn(nodeName, resources.pods).filter(isHere)) };
}
