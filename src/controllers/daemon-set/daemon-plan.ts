import type { Pod } from '../../kinds/types.ts';
import { isDeleting, nameOf, objectKey } from '../meta.ts';
import { isPodReady } from '../workloads/pod-facts.ts';
import { daemonPod } from './daemon-pod.ts';
import {
  allowsSurge,
  type DaemonView,
  desiredNodes,
  isAvailable,
  isUpdated,
  type NodeView,
  updateRoom,
} from './daemon-view.ts';

/** An ended pod that makes room for its successor, and what to tell of it. */
export interface EndedDaemon {
  readonly pod: Pod;
  readonly failed: boolean;
  readonly message: string;
}

/** Pods to make and to delete. */
export interface DaemonPlan {
  readonly create: readonly Pod[];
  readonly remove: readonly Pod[];
  readonly ended: readonly EndedDaemon[];
}

interface NodePlan {
  readonly create: boolean;
  readonly remove: readonly Pod[];
  readonly ended: readonly EndedDaemon[];
}

const NOTHING: NodePlan = { create: false, remove: [], ended: [] };

function endedOn({ node, pods }: NodeView): readonly EndedDaemon[] {
  return pods.flatMap((pod) => {
    const phase = pod.status?.phase;
    if (isDeleting(pod) || (phase !== 'Failed' && phase !== 'Succeeded')) return [];
    const failed = phase === 'Failed';
    const what = `Found ${failed ? 'failed' : 'succeeded'} daemon pod ${objectKey(pod)} on node ${nameOf(node)}`;
    return [{ pod, failed, message: `${what}, will try to ${failed ? 'kill' : 'delete'} it` }];
  });
}

/** With surge, an old and a new pod may share a node while the old one is ready and the new one not yet available. */
function beyondSurge(running: readonly Pod[], view: DaemonView): readonly Pod[] {
  const oldestNew = running.find((pod) => isUpdated(pod, view));
  const oldestOld = running.find((pod) => !isUpdated(pod, view));
  const excess = running.filter((pod) => pod !== oldestNew && pod !== oldestOld);
  if (oldestNew === undefined || oldestOld === undefined) return excess;
  return !isPodReady(oldestOld) || isAvailable(oldestNew, view) ? [...excess, oldestOld] : excess;
}

function planNode(each: NodeView, view: DaemonView): NodePlan {
  const { placement, pods } = each;
  if (placement.shouldRun && pods.length === 0) return { ...NOTHING, create: true };
  if (!placement.mayStay) return { ...NOTHING, remove: pods.filter((pod) => !isDeleting(pod)) };
  const ended = endedOn(each);
  const running = pods.filter((pod) => !isDeleting(pod) && !ended.some((e) => e.pod === pod));
  if (!allowsSurge(view)) return { ...NOTHING, ended, remove: running.slice(1) };
  const create = running.length === 0 && placement.shouldRun && ended.length === 0;
  return { create, ended, remove: running.length > 1 ? beyondSurge(running, view) : [] };
}

/** One pod on every node that shall run the daemon, none elsewhere. Pure. */
export function planDaemons(view: DaemonView): DaemonPlan {
  const plans = view.nodes.map((each) => ({ ...planNode(each, view), name: nameOf(each.node) }));
  return {
    create: plans.filter((p) => p.create).map((p) => daemonPod(view.set, p.name, view.hash)),
    remove: [...plans.flatMap((p) => p.remove), ...view.strays.filter((pod) => !isDeleting(pod))],
    ended: plans.flatMap((p) => p.ended),
  };
}

interface Pair {
  readonly nodeView: NodeView;
  readonly updated: Pod | undefined;
  readonly old: Pod | undefined;
  /** More pods of a sort than one: the main loop cleans up first. */
  readonly crowded: boolean;
}

function pairOn(nodeView: NodeView, view: DaemonView): Pair {
  const present = nodeView.pods.filter((pod) => !isDeleting(pod));
  const updated = present.filter((pod) => isUpdated(pod, view));
  const old = present.filter((pod) => !isUpdated(pod, view));
  return { nodeView, updated: updated[0], old: old[0], crowded: updated.length > 1 || old.length > 1 };
}

/** Without surge: old pods go, those that aren't available anyway first, within maxUnavailable. */
function planReplacing(pairs: readonly Pair[], view: DaemonView, room: number): readonly Pod[] {
  const useless: Pod[] = [];
  const candidates: Pod[] = [];
  let unavailable = 0;
  for (const { updated, old, crowded } of pairs) {
    if (crowded || (updated === undefined) === (old === undefined)) unavailable++;
    else if (updated !== undefined) unavailable += isAvailable(updated, view) ? 0 : 1;
    else if (old !== undefined && !isAvailable(old, view)) {
      useless.push(old);
      unavailable++;
    } else if (old !== undefined) candidates.push(old);
  }
  return [...useless, ...candidates.slice(0, Math.max(0, room - unavailable))];
}

/** How a node stands in an update with surge. */
type SurgeRole =
  /** Nothing to do. */
  | 'settled'
  /** Waits for its new pod. */
  | 'surging'
  /** Has its new pod, or an old one that nobody misses: the old one goes. */
  | 'done'
  /** Its old pod is of no use: a new one comes at once. */
  | 'needy'
  /** Its old pod is fine: a new one comes when there is room. */
  | 'candidate'
  /** Shall not run the daemon any more, but its pod is fine: it goes when others are enough. */
  | 'retiring';

function surgeRole({ nodeView, updated, old, crowded }: Pair, view: DaemonView): SurgeRole {
  if (crowded) return 'surging';
  if (old === undefined) return 'settled';
  if (updated !== undefined) return isAvailable(updated, view) ? 'done' : 'surging';
  const useful = isAvailable(old, view);
  if (nodeView.placement.shouldRun) return useful ? 'candidate' : 'needy';
  return useful ? 'retiring' : 'done';
}

/** With surge: new pods come beside old ones, which go once the new ones are available. */
function planSurging(pairs: readonly Pair[], view: DaemonView, room: number): Omit<DaemonPlan, 'ended'> {
  const roles = pairs.map((pair) => ({ ...pair, role: surgeRole(pair, view) }));
  const of = (role: SurgeRole): typeof roles => roles.filter((each) => each.role === role);
  const available = pairs.filter(({ updated, old, crowded }) => {
    const counted = old ?? updated;
    return !crowded && counted !== undefined && isAvailable(counted, view);
  });
  const spare = Math.max(0, available.length - desiredNodes(view));
  const start = [...of('needy'), ...of('candidate').slice(0, Math.max(0, room - of('surging').length))];
  const stop = [...of('done'), ...of('retiring').slice(0, spare)];
  return {
    create: start.map(({ nodeView }) => daemonPod(view.set, nameOf(nodeView.node), view.hash)),
    remove: stop.map(({ old }) => old).filter((pod) => pod !== undefined),
  };
}

/** The next step of a rolling update: which old pods go and where new ones come beside them. Pure. */
export function planDaemonUpdate(view: DaemonView): Omit<DaemonPlan, 'ended'> {
  if (view.set.spec?.updateStrategy?.type === 'OnDelete') return { create: [], remove: [] };
  const room = updateRoom(view);
  const pairs = view.nodes.filter(({ pods }) => pods.length > 0).map((each) => pairOn(each, view));
  if (room.surge === 0) return { create: [], remove: planReplacing(pairs, view, room.unavailable) };
  return planSurging(pairs, view, room.surge);
}
