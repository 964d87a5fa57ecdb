import type { Node, Pod, PodCondition } from '../kinds/types.ts';
import { setCondition } from '../machinery/conditions.ts';
import { formatTime } from '../machinery/time.ts';
import type { Clock } from './clock.ts';
import type { Controller, ObjectChange } from './controller.ts';
import type { EventRecorder } from './events.ts';
import { podsOn } from './indexes.ts';
import { isDeleting, nameOf, objectKey, splitKey, uidOf } from './meta.ts';
import type { Resources } from './resources.ts';
import { createNodeAccount, type NodeAccount } from './scheduling/node-load.ts';
import { findObstacles, unavailable } from './scheduling/obstacles.ts';
import { PREEMPTION_REASON, planPreemption, priorityOf } from './scheduling/preemption.ts';
import type { SchedulingSnapshot } from './scheduling/snapshot.ts';
import { assignVolumes, gatherPodVolumes, podsWaitingFor } from './volumes/assign-volumes.ts';
import type { Assignment } from './volumes/plan-pod-volumes.ts';
import { isPodFinished, podCondition } from './workloads/pod-facts.ts';

/** Where a pod goes, or why it can't. */
export type SchedulingPlan =
  | { readonly action: 'none' }
  | { readonly action: 'bind' }
  /** Its claims are given volumes first. */
  | { readonly action: 'assign-volumes'; readonly assignments: readonly Assignment[] }
  | { readonly action: 'gated' }
  | { readonly action: 'refuse'; readonly message: string }
  | { readonly action: 'preempt'; readonly message: string; readonly victims: readonly Pod[] };

/** What the controller needs. */
export interface SchedulingOptions {
  readonly resources: Resources;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly nodeName: string;
}

const COMPONENT = 'default-scheduler';
/** What preemption says to a pod that fits nowhere, whoever leaves. */
const NO_HELP =
  'no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.';

/** Whether and where a pod runs. Pure. */
export function planScheduling(pod: Pod, snapshot: SchedulingSnapshot): SchedulingPlan {
  if (pod.spec?.nodeName || isDeleting(pod) || (pod.spec?.schedulerName ?? COMPONENT) !== COMPONENT) {
    return { action: 'none' };
  }
  if ((pod.spec?.schedulingGates ?? []).length > 0) return { action: 'gated' };
  const { blocker, assignments = [], isWaiting = false } = snapshot.volumes ?? {};
  if (blocker !== undefined) return { action: 'refuse', message: `0/1 nodes are available: ${blocker}. ${NO_HELP}` };
  const found = findObstacles(pod, snapshot);
  if (found.length === 0 && assignments.length > 0) return { action: 'assign-volumes', assignments };
  if (found.length === 0) return { action: isWaiting ? 'none' : 'bind' };
  const preemption = planPreemption(pod, snapshot, found);
  if ('victims' in preemption) {
    return { action: 'preempt', message: unavailable(found), victims: preemption.victims };
  }
  const message = `${unavailable(found)} no new claims to deallocate, preemption: ${preemption.refusal}`;
  return { action: 'refuse', message };
}

function withScheduled(pod: Pod, finding: Omit<PodCondition, 'type'>, now: number): Pod | undefined {
  const before = podCondition(pod, 'PodScheduled');
  const same =
    before?.status === finding.status && before.reason === finding.reason && before.message === finding.message;
  if (same) return undefined;
  const lastTransitionTime = before?.status === finding.status ? before.lastTransitionTime : formatTime(now);
  const condition: PodCondition = {
    ...finding,
    type: 'PodScheduled',
    lastTransitionTime,
    observedGeneration: pod.metadata?.generation,
  };
  const others = (pod.status?.conditions ?? []).filter((c) => c.type !== 'PodScheduled');
  return { ...pod, status: { ...pod.status, conditions: [...others, condition] } };
}

/** The pod on the node, with its condition in the same write. */
function bind(pod: Pod, nodeName: string, now: number): Pod | undefined {
  if (pod.spec === undefined || pod.spec.nodeName) return undefined;
  return { ...(withScheduled(pod, { status: 'True' }, now) ?? pod), spec: { ...pod.spec, nodeName } };
}

async function apply(pod: Pod, plan: SchedulingPlan, options: SchedulingOptions): Promise<void> {
  const { resources, recorder, clock, nodeName } = options;
  switch (plan.action) {
    case 'none':
      return;
    case 'gated': {
      const message = 'Scheduling is blocked due to non-empty scheduling gates';
      await refuse(pod, { reason: 'SchedulingGated', message }, options);
      return;
    }
    case 'refuse':
      await refuse(pod, { reason: 'Unschedulable', message: plan.message }, options);
      recordFailure(pod, plan.message, recorder);
      return;
    case 'preempt':
      await Promise.all(plan.victims.map((victim) => preempt(victim, pod, options)));
      await refuse(pod, { reason: 'Unschedulable', message: plan.message, nominated: nodeName }, options);
      recordFailure(pod, plan.message, recorder);
      return;
    case 'assign-volumes':
      return assignVolumes(plan.assignments, nodeName, resources);
    case 'bind': {
      const bound = await resources.pods.modify(pod, (now) => bind(now, nodeName, clock.now()), 'binding');
      if (bound?.spec?.nodeName !== nodeName) return;
      const message = `Successfully assigned ${objectKey(pod)} to ${nodeName}`;
      recorder.record(pod, { type: 'Normal', reason: 'Scheduled', message, component: COMPONENT });
      return;
    }
    default:
      plan satisfies never;
  }
}

function recordFailure(pod: Pod, message: string, recorder: EventRecorder): void {
  recorder.record(pod, { type: 'Warning', reason: 'FailedScheduling', message, component: COMPONENT });
}

interface Refusal {
  readonly reason: string;
  readonly message: string;
  /** The node that pods are leaving for it. */
  readonly nominated?: string;
}

/** Says on the pod why it waits. A node that it was promised stays promised while room is being made. */
async function refuse(pod: Pod, { reason, message, nominated }: Refusal, options: SchedulingOptions): Promise<void> {
  const { resources, clock } = options;
  const change = (now: Pod): Pod | undefined => {
    const said = withScheduled(now, { status: 'False', reason, message }, clock.now());
    if (nominated === undefined || now.status?.nominatedNodeName === nominated) return said;
    return { ...(said ?? now), status: { ...(said ?? now).status, nominatedNodeName: nominated } };
  };
  await resources.pods.modify(pod, change, 'status');
}

/** Sends a pod away for a more important one: the condition says why, its grace is its own. */
async function preempt(victim: Pod, preemptor: Pod, options: SchedulingOptions): Promise<void> {
  const { resources, recorder, clock, nodeName } = options;
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: PREEMPTION_REASON,
    message: `${COMPONENT}: preempting to accommodate a higher priority pod`,
    observedGeneration: victim.metadata?.generation,
  };
  const mark = (now: Pod): Pod => {
    const conditions = setCondition(now.status?.conditions, condition, formatTime(clock.now()));
    return { ...now, status: { ...now.status, conditions } };
  };
  if (!isDeleting(victim)) {
    await resources.pods.modify(victim, mark, 'status');
    await resources.pods.delete(victim);
  }
  const message = `Preempted by pod ${uidOf(preemptor)} on node ${nodeName}`;
  recorder.record(victim, { type: 'Normal', reason: 'Preempted', message, component: COMPONENT });
}

/** Pods that wait for a place, the most important first; all of them get another chance when the node changes or a pod leaves it. */
function waiting({ resources }: SchedulingOptions, isConcerned = (_: Pod): boolean => true): readonly string[] {
  const pods = podsOn('', resources.pods).filter(isConcerned);
  return pods.sort((a, b) => priorityOf(b) - priorityOf(a)).map(objectKey);
}

function concerned(change: ObjectChange, options: SchedulingOptions): readonly string[] {
  const pod = change.entry.object as Pod;
  if (change.type === 'DELETED' || isPodFinished(pod)) return waiting(options);
  if (!pod.spec?.nodeName) return [objectKey(pod)];
  const before = change.previous?.object as Pod | undefined;
  if (before?.spec?.nodeName !== pod.spec.nodeName) return waiting(options, isAttracted);
  // One that was resized may have left room.
  return before.metadata?.generation === pod.metadata?.generation ? [] : waiting(options);
}

/** Whether the pod waits to be with others. */
function isAttracted({ spec }: Pod): boolean {
  return spec?.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution !== undefined;
}

function snapshotFor(pod: Pod, node: Node, { resources, account }: Scheduler): SchedulingSnapshot {
  const isOther = (other: Pod): boolean => !isPodFinished(other) && uidOf(other) !== uidOf(pod);
  const isPromised = (other: Pod): boolean =>
    isOther(other) &&
    other.status?.nominatedNodeName === nameOf(node) &&
    priorityOf(other) >= priorityOf(pod) &&
    !isDeleting(other);
  const promised = podsOn('', resources.pods).filter(isPromised);
  return {
    node,
    load: account.with(promised),
    bound: () => [...podsOn(nameOf(node), resources.pods).filter(isOther), ...promised],
    findNamespace: (name) => resources.namespaces.find('', name),
    budgets: resources.podDisruptionBudgets.list(),
    volumes: gatherPodVolumes(pod, node, resources),
  };
}

/** The controller's options, and its books. */
interface Scheduler extends SchedulingOptions {
  readonly account: NodeAccount;
}

/** Binds pods to this node, or says why they can't run here. */
export function podScheduling(options: SchedulingOptions): Controller {
  const { resources, nodeName } = options;
  const account = createNodeAccount(nodeName);
  const heard = (change: ObjectChange): readonly string[] => {
    account.observe(change);
    return concerned(change, options);
  };
  return {
    name: 'pod-scheduling',
    inputs: [
      { resource: '/pods', keys: heard },
      { resource: '/nodes', keys: () => waiting(options) },
      {
        resource: '/persistentvolumeclaims',
        keys: ({ entry }) => podsWaitingFor(objectKey(entry.object), resources),
      },
      { resource: '/persistentvolumes', keys: () => waiting(options) },
      { resource: 'storage.k8s.io/storageclasses', keys: () => waiting(options) },
    ],
    outputs: [
      { what: '/pods#spec.nodeName', mode: 'exclusive' },
      { what: '/pods#status.conditions.PodScheduled', mode: 'exclusive' },
      { what: '/events', mode: 'shared' },
    ],
    reconcile: async (key) => {
      const { namespace, name } = splitKey(key);
      const pod = resources.pods.find(namespace, name);
      const node = resources.nodes.find('', nodeName);
      if (pod === undefined || pod.spec?.nodeName || node === undefined) return undefined;
      await apply(pod, planScheduling(pod, snapshotFor(pod, node, { ...options, account })), options);
      return undefined;
    },
  };
}
