import { containerGroup } from '../../../translators/units/pod/container-group.ts';
import { sliceResources } from '../../../translators/units/pod/slice.ts';
import { podUnitNames } from '../../../translators/units/pod-names.ts';
import { podSlice } from '../../../translators/units/pod-slice.ts';
import type { Container, Pod, PodCondition } from '../../kinds/types.ts';
import { removeCondition, setCondition } from '../../machinery/conditions.ts';
import { timestamp } from '../clock.ts';
import { podsOn } from '../indexes.ts';
import { uidOf } from '../meta.ts';
import { loadOf } from '../scheduling/node-load.ts';
import { isPodFinished, podCondition } from '../workloads/pod-facts.ts';
import { type Agent, kubelet } from './agent.ts';
import { loweredMemory, memoryObstacle } from './resize-memory.ts';
import { type Change, type NodeAndLoad, planResize, type ResizePlan, withResources } from './resize-plan.ts';

const PENDING = 'PodResizePending';
const IN_PROGRESS = 'PodResizeInProgress';

/** What is done about a resize: as planned, unless memory is in use that would be taken away. */
export type ResizeStep = ResizePlan | { readonly action: 'fail'; readonly message: string };

/** What becomes of a hosted pod's resources now. */
export async function nextResizeStep(pod: Pod, agent: Agent): Promise<ResizeStep> {
  const snapshot = resizeSnapshot(pod, agent);
  if (snapshot === undefined) return { action: 'none' };
  const plan = planResize(pod, snapshot);
  if (plan.action !== 'apply' || !canLimit(agent) || agent.podMemory === undefined) return plan;
  const lowered = loweredMemory(pod, plan.changes);
  if (lowered === undefined) return plan;
  const used = await agent.podMemory([pod]);
  const message = memoryObstacle(lowered, used.get(pod) ?? []);
  return message === undefined ? plan : { action: 'fail', message };
}

/** A running slice keeps its limits when systemd reads its file anew: it has to be told. */
async function resizeSlice(pod: Pod, { serviceManager }: Agent): Promise<void> {
  const slice = podSlice(pod);
  if (pod.spec === undefined || !slice.startsWith('qs-pod-')) return;
  const { cpuWeight, cpuQuotaPercent, memoryMax } = sliceResources(pod.spec);
  const cpuQuotaUsecPerSec = cpuQuotaPercent === undefined ? undefined : cpuQuotaPercent * 10_000;
  await serviceManager.setResources(slice, { cpuWeight, cpuQuotaUsecPerSec, memoryMax });
}

/** Gives a running pod and its containers their new limits without a restart, but for those that want one; and says so. */
export async function applyResize(pod: Pod, changes: readonly Change[], agent: Agent): Promise<void> {
  const names = podUnitNames(pod).containers;
  const running = runningContainers(pod);
  agent.recorder.record(pod, kubelet('Normal', 'ResizeStarted', summary('Pod resize started', pod)));
  if (running.size > 0 && canLimit(agent)) await resizeSlice(pod, agent);
  for (const { container, isRestarted } of changes) {
    const unit = names.find((one) => one.container === container.name);
    if (unit === undefined || !running.has(container.name)) continue;
    if (isRestarted) await agent.serviceManager.restart(unit.service);
    else if (canLimit(agent)) await agent.podman.updateContainer(unit.podmanName, containerGroup(pod, container));
  }
  await agent.resources.pods.modify(pod, (now) => settled(withResources(now, pod)), 'status');
  agent.recorder.record(pod, kubelet('Normal', 'ResizeCompleted', summary('Pod resize completed', pod)));
}

/** Those that don't run start with what they are asked for. */
function runningContainers({ status }: Pod): ReadonlySet<string> {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return new Set(all.flatMap(({ name, state }) => (state?.running === undefined ? [] : [name])));
}

/** A host without controllers has nothing to tell a container. */
function canLimit({ resources, nodeName }: Agent): boolean {
  const { conditions = [] } = resources.nodes.find('', nodeName)?.status ?? {};
  return conditions.find(({ type }) => type === 'quadshift.io/LimitsEnforced')?.status !== 'False';
}

/** Without what is said of a resize that is due. */
function settled(pod: Pod): Pod {
  const conditions = removeCondition(removeCondition(pod.status?.conditions, PENDING), IN_PROGRESS);
  return { ...pod, status: { ...pod.status, conditions } };
}

/** Says on the pod that it runs on as it is, and why. */
export async function reportPending(
  pod: Pod,
  { reason, message }: Extract<ResizePlan, { readonly action: 'wait' }>,
  agent: Agent,
): Promise<void> {
  const happening = kubelet('Warning', `Resize${reason}`, summary(`Pod resize ${reason}`, pod, message));
  if (await reportCondition(pod, { type: PENDING, reason, message }, agent)) agent.recorder.record(pod, happening);
}

/** Says on the pod that it can't be given what there is room for, and why. */
export async function reportFailing(pod: Pod, message: string, agent: Agent): Promise<void> {
  const happening = kubelet('Warning', 'ResizeError', summary('Pod resize error', pod, message));
  const condition = { type: IN_PROGRESS, reason: 'Error', message };
  if (await reportCondition(pod, condition, agent)) agent.recorder.record(pod, happening);
}

/** One says what is the matter, and none of before. True when that is new. */
async function reportCondition(
  pod: Pod,
  { type, reason, message }: Required<Pick<PodCondition, 'type' | 'reason' | 'message'>>,
  { resources, clock }: Agent,
): Promise<boolean> {
  const before = podCondition(pod, type);
  // How much is in use is another figure at each look: what was said of this resize holds.
  const isSaid = type === IN_PROGRESS && before?.observedGeneration === pod.metadata?.generation;
  if (before?.reason === reason && (isSaid || before.message === message)) return false;
  const condition: PodCondition = {
    ...{ type, status: 'True', reason, message },
    observedGeneration: pod.metadata?.generation,
  };
  const other = type === PENDING ? IN_PROGRESS : PENDING;
  const mark = (now: Pod): Pod => {
    const conditions = setCondition(removeCondition(now.status?.conditions, other), condition, timestamp(clock));
    return { ...now, status: { ...now.status, conditions } };
  };
  await resources.pods.modify(pod, mark, 'status');
  return true;
}

/** A resize that was taken back waits for nothing. */
export async function clearResize(pod: Pod, { resources }: Agent): Promise<void> {
  if (podCondition(pod, PENDING) === undefined && podCondition(pod, IN_PROGRESS) === undefined) return;
  await resources.pods.modify(pod, settled, 'status');
}

/** Upstream's sentence for people, with a summary for machines: what the pod has as a whole isn't in it. */
function summary(prefix: string, { spec, metadata }: Pod, error?: string): string {
  const resourcesOf = (containers: readonly Container[] | undefined) =>
    containers?.map(({ name, resources }) => ({ name, resources: resources ?? {} }));
  const all = { initContainers: resourcesOf(spec?.initContainers), containers: resourcesOf(spec?.containers) };
  return `${prefix}: ${JSON.stringify({ ...all, generation: metadata?.generation, ...(error ? { error } : {}) })}`;
}

/** The node and who is on it beside the pod, as a resize is judged. */
function resizeSnapshot(pod: Pod, { resources, nodeName }: Agent): NodeAndLoad | undefined {
  const node = resources.nodes.find('', nodeName);
  if (node === undefined) return undefined;
  const isHere = (other: Pod): boolean => !isPodFinished(other) && uidOf(other) !== uidOf(pod);
  return { node, load: loadOf(podsOn(nodeName, resources.pods).filter(isHere)) };
}
