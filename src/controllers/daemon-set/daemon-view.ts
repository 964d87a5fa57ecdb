import type { DaemonSet, Node, Pod } from '../../kinds/types.ts';
import { scaledValue } from '../../machinery/int-or-string.ts';
import { byAge, isDeleting, nameOf } from '../meta.ts';
import { availableAt, isPodFinished } from '../workloads/pod-facts.ts';
import { HASH_LABEL, type Placement, placementOn, targetNode } from './daemon-pod.ts';

/** One node and the DaemonSet's pods on it, the oldest scheduled one first. */
export interface NodeView {
  readonly node: Node;
  readonly placement: Placement;
  readonly pods: readonly Pod[];
}

/** One DaemonSet, its nodes and pods at one moment. */
export interface DaemonView {
  readonly set: DaemonSet;
  readonly nodes: readonly NodeView[];
  /** Pods for nodes that aren't there. */
  readonly strays: readonly Pod[];
  /** Of the template as it is now. */
  readonly hash: string;
  /** ms since the epoch. */
  readonly now: number;
}

function scheduledFirst(a: Pod, b: Pod): number {
  const unscheduled = (pod: Pod): number => (pod.spec?.nodeName ? 0 : 1);
  return unscheduled(a) - unscheduled(b) || byAge(a, b);
}

/** Sorts pods by node; those that are deleted and have ended are gone already. Pure. */
export function viewDaemons(
  set: DaemonSet,
  { nodes, pods, hash, now }: { nodes: readonly Node[]; pods: readonly Pod[]; hash: string; now: number },
): DaemonView {
  const present = pods.filter((pod) => !(isDeleting(pod) && isPodFinished(pod))).sort(scheduledFirst);
  const names = new Set(nodes.map(nameOf));
  return {
    set,
    nodes: nodes.map((node) => ({
      node,
      placement: placementOn(set, node),
      pods: present.filter((pod) => targetNode(pod) === nameOf(node)),
    })),
    strays: present.filter((pod) => !names.has(targetNode(pod)) && !pod.spec?.nodeName),
    hash,
    now,
  };
}

/** Whether the pod is of the template as it is now. */
export function isUpdated(pod: Pod, { hash }: DaemonView): boolean {
  return pod.metadata?.labels?.[HASH_LABEL] === hash;
}

/** Whether the pod has been ready for minReadySeconds. */
export function isAvailable(pod: Pod, { set, now }: DaemonView): boolean {
  const at = availableAt(pod, set.spec?.minReadySeconds ?? 0);
  return at !== undefined && at <= now;
}

/** How many nodes shall run the daemon. */
export function desiredNodes({ nodes }: DaemonView): number {
  return nodes.filter(({ placement }) => placement.shouldRun).length;
}

/** How many pods more, and how many fewer, an update may have. Both 0 makes the latter 1. */
export function updateRoom(view: DaemonView): { readonly surge: number; readonly unavailable: number } {
  const { maxSurge = 0, maxUnavailable = 1 } = view.set.spec?.updateStrategy?.rollingUpdate ?? {};
  const scaled = (value: number | string): number => {
    const result = scaledValue(value, desiredNodes(view), 'up');
    return result.ok ? result.value : 0;
  };
  const [surge, unavailable] = [scaled(maxSurge), scaled(maxUnavailable)];
  return surge === 0 && unavailable === 0 ? { surge, unavailable: 1 } : { surge, unavailable };
}

/** Whether an update may run two pods on a node. */
export function allowsSurge({ set }: DaemonView): boolean {
  const { type, rollingUpdate } = set.spec?.updateStrategy ?? {};
  const { maxSurge = 0 } = rollingUpdate ?? {};
  return type !== 'OnDelete' && maxSurge !== 0 && maxSurge !== '0%';
}
