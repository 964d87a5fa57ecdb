import type { Container, Node, Pod, PodCondition } from '../kinds/types.ts';
import { parseQuantity, quantityToMilli } from '../machinery/quantity.ts';
import { formatTime } from '../machinery/time.ts';
import type { Clock } from './clock.ts';
import type { Controller, ObjectChange } from './controller.ts';
import type { EventRecorder } from './events.ts';
import { isDeleting, nameOf, objectKey, splitKey, uidOf } from './meta.ts';
import type { Resources } from './resources.ts';
import { assignVolumes, gatherPodVolumes, podsWaitingFor } from './volumes/assign-volumes.ts';
import type { Assignment, PodVolumes } from './volumes/plan-pod-volumes.ts';
import { nodeMatches } from './workloads/node-affinity.ts';
import { isPodFinished, podCondition } from './workloads/pod-facts.ts';
import { isRepelled, toleratesUnschedulable } from './workloads/taints.ts';

/** Where a pod goes, or why it can't. */
export type SchedulingPlan =
  | { readonly action: 'none' }
  | { readonly action: 'bind' }
  /** Its claims are given volumes first. */
  | { readonly action: 'assign-volumes'; readonly assignments: readonly Assignment[] }
  | { readonly action: 'gated' }
  | { readonly action: 'refuse'; readonly message: string };

/** The pods that hold resources of the node beside the one being placed. */
export interface SchedulingSnapshot {
  readonly node: Node;
  readonly bound: readonly Pod[];
  /** What is known of the pod's volumes; absent when it has none that need a place. */
  readonly volumes?: PodVolumes | undefined;
}

/** What the controller needs. */
export interface SchedulingOptions {
  readonly resources: Resources;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly nodeName: string;
}

/** Effects of taints that keep pods from being placed. */
const HARD_EFFECTS = ['NoSchedule', 'NoExecute'];

interface Obstacle {
  readonly reason: string;
  /** Whether fewer pods on the node would help; decides upstream's sentence about preemption. */
  readonly preemptable: boolean;
}

function hostPorts(pod: Pod): readonly string[] {
  const ports = (pod.spec?.containers ?? []).flatMap((c) => c.ports ?? []).filter((p) => p.hostPort);
  return ports.map((p) => `${p.protocol ?? 'TCP'}/${p.hostPort}/${p.hostIP || '0.0.0.0'}`);
}

function portsClash(a: string, b: string): boolean {
  const [protocol, port, ip] = a.split('/');
  const [otherProtocol, otherPort, otherIp] = b.split('/');
  return (
    protocol === otherProtocol && port === otherPort && (ip === otherIp || ip === '0.0.0.0' || otherIp === '0.0.0.0')
  );
}

function milli(quantity: string | undefined): number {
  const parsed = quantity === undefined ? undefined : parseQuantity(quantity);
  return parsed?.ok ? quantityToMilli(parsed.value) : 0;
}

/** A pod's request in thousandths: its containers together, or the greediest init container if that is more. */
function requested(pod: Pod, resource: string): number {
  const of = (container: Container): number => milli(container.resources?.requests?.[resource]);
  const together = (pod.spec?.containers ?? []).reduce((total, c) => total + of(c), 0);
  return Math.max(together, ...(pod.spec?.initContainers ?? []).map(of));
}

function lacks(pod: Pod, { node, bound }: SchedulingSnapshot, resource: string): boolean {
  const wanted = requested(pod, resource);
  const limit = node.status?.allocatable?.[resource];
  if (wanted === 0 || limit === undefined) return false;
  return wanted + bound.reduce((total, other) => total + requested(other, resource), 0) > milli(limit);
}

function obstacles(pod: Pod, snapshot: SchedulingSnapshot): readonly Obstacle[] {
  const { node, bound } = snapshot;
  if (node.spec?.unschedulable && !toleratesUnschedulable(pod)) {
    return [{ reason: 'node(s) were unschedulable', preemptable: false }];
  }
  if (isRepelled(pod, node, HARD_EFFECTS)) return [{ reason: 'node(s) had untolerated taint(s)', preemptable: false }];
  if (!nodeMatches(pod, node)) {
    return [{ reason: "node(s) didn't match Pod's node affinity/selector", preemptable: false }];
  }
  const taken = bound.flatMap(hostPorts);
  if (hostPorts(pod).some((port) => taken.some((other) => portsClash(port, other)))) {
    return [{ reason: "node(s) didn't have free ports for the requested pod ports", preemptable: true }];
  }
  const full = bound.length >= Number(node.status?.allocatable?.['pods'] ?? Number.POSITIVE_INFINITY);
  const short = ['cpu', 'memory', 'ephemeral-storage'].filter((resource) => lacks(pod, snapshot, resource));
  const scarce = [
    ...(full ? [{ reason: 'Too many pods', preemptable: true }] : []),
    ...short.map((resource) => ({ reason: `Insufficient ${resource}`, preemptable: true })),
  ];
  return scarce.length > 0 ? scarce : (snapshot.volumes?.conflicts ?? []);
}

function refusal(found: readonly Obstacle[], blocker?: string): string {
  const reasons =
    blocker ??
    found
      .map(({ reason }) => `1 ${reason}`)
      .sort()
      .join(', ');
  const victims = found.some((o) => o.preemptable)
    ? 'No preemption victims found for incoming pod.'
    : 'Preemption is not helpful for scheduling.';
  return `0/1 nodes are available: ${reasons}. no new claims to deallocate, preemption: 0/1 nodes are available: 1 ${victims}`;
}

/** Whether and where a pod runs. Pure. */
export function planScheduling(pod: Pod, snapshot: SchedulingSnapshot): SchedulingPlan {
  const scheduler = pod.spec?.schedulerName ?? 'default-scheduler';
  if (pod.spec?.nodeName || isDeleting(pod) || scheduler !== 'default-scheduler') return { action: 'none' };
  if ((pod.spec?.schedulingGates ?? []).length > 0) return { action: 'gated' };
  const { blocker, assignments = [], isWaiting = false } = snapshot.volumes ?? {};
  if (blocker !== undefined) return { action: 'refuse', message: refusal([], blocker) };
  const found = obstacles(pod, snapshot);
  if (found.length > 0) return { action: 'refuse', message: refusal(found) };
  if (assignments.length > 0) return { action: 'assign-volumes', assignments };
  return { action: isWaiting ? 'none' : 'bind' };
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
  const component = 'default-scheduler';
  const set = (finding: Omit<PodCondition, 'type'>): Promise<Pod | undefined> =>
    resources.pods.modify(pod, (now) => withScheduled(now, finding, clock.now()), 'status');
  switch (plan.action) {
    case 'none':
      return;
    case 'gated': {
      const message = 'Scheduling is blocked due to non-empty scheduling gates';
      await set({ status: 'False', reason: 'SchedulingGated', message });
      return;
    }
    case 'refuse':
      await set({ status: 'False', reason: 'Unschedulable', message: plan.message });
      recorder.record(pod, { type: 'Warning', reason: 'FailedScheduling', message: plan.message, component });
      return;
    case 'assign-volumes':
      return assignVolumes(plan.assignments, nodeName, resources);
    case 'bind': {
      const bound = await resources.pods.modify(pod, (now) => bind(now, nodeName, clock.now()), 'binding');
      if (bound?.spec?.nodeName !== nodeName) return;
      const message = `Successfully assigned ${objectKey(pod)} to ${nodeName}`;
      recorder.record(pod, { type: 'Normal', reason: 'Scheduled', message, component });
      return;
    }
    default:
      plan satisfies never;
  }
}

/** Pods that wait for a place; all of them get another chance when the node changes or a pod leaves it. */
function waiting({ resources }: SchedulingOptions): readonly string[] {
  return resources.pods
    .list()
    .filter((pod) => !pod.spec?.nodeName)
    .map(objectKey);
}

function concerned(change: ObjectChange, options: SchedulingOptions): readonly string[] {
  const pod = change.entry.object as Pod;
  if (change.type === 'DELETED' || isPodFinished(pod)) return waiting(options);
  return pod.spec?.nodeName ? [] : [objectKey(pod)];
}

/** Binds pods to this node, or says why they can't run here. */
export function podScheduling(options: SchedulingOptions): Controller {
  const { resources, nodeName } = options;
  return {
    name: 'pod-scheduling',
    inputs: [
      { resource: '/pods', keys: (change) => concerned(change, options) },
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
      if (pod === undefined || node === undefined) return undefined;
      const bound = resources.pods
        .list()
        .filter((p) => p.spec?.nodeName === nameOf(node) && !isPodFinished(p) && uidOf(p) !== uidOf(pod));
      await apply(pod, planScheduling(pod, { node, bound, volumes: gatherPodVolumes(pod, node, resources) }), options);
      return undefined;
    },
  };
}
