import type { ControllerRevision, Pod, StatefulSet } from '../../kinds/types.ts';
import { isDeleting, nameOf } from '../meta.ts';
import { availableAt, isPodReady } from '../workloads/pod-facts.ts';
import { recordedTemplate } from '../workloads/revisions.ts';
import { inRange, ordinalOf, startOrdinal, statefulPod } from './stateful-pod.ts';

/** A place of the set: its ordinal, and the pod that is there. */
export interface Slot {
  readonly ordinal: number;
  readonly pod: Pod | undefined;
}

/** One StatefulSet and its pods at one moment. */
export interface StatefulView {
  readonly set: StatefulSet;
  readonly pods: readonly Pod[];
  /** The revision that is left and the one that is reached by an update; the same when none is under way. */
  readonly current: ControllerRevision;
  readonly update: ControllerRevision;
  /** ms since the epoch. */
  readonly now: number;
  /** The places that the set wants, lowest first. */
  readonly slots: readonly Slot[];
  /** Pods beyond them, highest first. */
  readonly condemned: readonly Pod[];
}

/** Sorts a set's pods into places. Pure. */
export function viewStatefulSet(given: Omit<StatefulView, 'slots' | 'condemned'>): StatefulView {
  const { set, pods } = given;
  const byOrdinal = new Map(pods.map((pod) => [ordinalOf(pod, set), pod]));
  const slots = Array.from({ length: set.spec?.replicas ?? 1 }, (_, i) => {
    const ordinal = startOrdinal(set) + i;
    return { ordinal, pod: byOrdinal.get(ordinal) };
  });
  const number = (pod: Pod): number => ordinalOf(pod, set) ?? -1;
  const condemned = pods.filter((pod) => number(pod) >= 0 && !inRange(number(pod), set));
  return { ...given, slots, condemned: condemned.sort((a, b) => number(b) - number(a)) };
}

/** Whether pods come and go one after the other. */
export function isOrdered({ set }: StatefulView): boolean {
  return set.spec?.podManagementPolicy !== 'Parallel';
}

/** Whether the pod runs and is ready. */
export function isRunningAndReady(pod: Pod | undefined): pod is Pod {
  return pod?.status?.phase === 'Running' && isPodReady(pod);
}

/** Whether the pod has been ready for minReadySeconds. */
export function isAvailable(pod: Pod | undefined, { set, now }: StatefulView): pod is Pod {
  if (!isRunningAndReady(pod)) return false;
  const at = availableAt(pod, set.spec?.minReadySeconds ?? 0);
  return at !== undefined && at <= now;
}

/** Whether the pod runs, is ready and stays. */
export function isHealthy(pod: Pod | undefined): pod is Pod {
  return isRunningAndReady(pod) && !isDeleting(pod);
}

function needsCurrent({ set }: StatefulView, index: number): boolean {
  const { type, rollingUpdate } = set.spec?.updateStrategy ?? {};
  if (rollingUpdate !== undefined) return index < (rollingUpdate.partition ?? 0);
  return type === 'RollingUpdate' && index < (set.status?.currentReplicas ?? 0);
}

/** The pod that belongs into a place: of the current revision below the partition, else of the new one. */
export function podFor(view: StatefulView, ordinal: number): Pod {
  const { set, current, update } = view;
  const revision = needsCurrent(view, ordinal - startOrdinal(set)) ? current : update;
  return statefulPod(set, ordinal, { revision: nameOf(revision), template: recordedTemplate(revision) });
}
