import type { Pod, StatefulSet } from '../../kinds/types.ts';
import { scaledValue } from '../../machinery/int-or-string.ts';
import { isDeleting, nameOf } from '../meta.ts';
import { isPodFinished } from '../workloads/pod-facts.ts';
import { podRevision } from './stateful-pod.ts';
import { isAvailable, isHealthy, isOrdered, podFor, type Slot, type StatefulView } from './stateful-view.ts';

/** What a pass does, in this order. */
export interface StatefulPlan {
  /** Ended pods whose places are needed. */
  readonly ended: readonly Pod[];
  /** Places that get a pod, with the claims that it needs. */
  readonly create: readonly { readonly ordinal: number; readonly pod: Pod }[];
  /** Pods that wait to start: claims of theirs that are missing are made. */
  readonly claims: readonly Slot[];
  /** Pods that go because the set shrinks, or changes. */
  readonly remove: readonly Pod[];
}

type SlotStep = 'create' | 'replace' | 'wait' | 'go-on';

function slotStep({ pod }: Slot, view: StatefulView): SlotStep {
  if (pod === undefined) return 'create';
  if (isPodFinished(pod) && !isDeleting(pod)) return 'replace';
  return isDeleting(pod) || !isAvailable(pod, view) ? 'wait' : 'go-on';
}

/** Fills the places from the lowest; in order, the first that isn't available holds up all others. */
function planSlots(view: StatefulView): Omit<StatefulPlan, 'remove'> & { readonly blocked: boolean } {
  const plan = { ended: [] as Pod[], create: [] as StatefulPlan['create'][number][], claims: [] as Slot[] };
  for (const slot of view.slots) {
    const step = slotStep(slot, view);
    if (step === 'create') plan.create.push({ ordinal: slot.ordinal, pod: podFor(view, slot.ordinal) });
    if (step === 'replace' && slot.pod !== undefined) plan.ended.push(slot.pod);
    if (slot.pod?.status?.phase === 'Pending') plan.claims.push(slot);
    if (step !== 'go-on' && isOrdered(view)) return { ...plan, blocked: true };
  }
  return { ...plan, blocked: false };
}

/** The unhealthy pod with the lowest ordinal: it may go although it isn't well. */
function firstUnhealthy({ slots, condemned }: StatefulView): Pod | undefined {
  const pods = [...slots.map(({ pod }) => pod), ...[...condemned].reverse()];
  return pods.find((pod) => pod !== undefined && !isHealthy(pod));
}

/** Takes pods away from the highest; in order, one at a time and only while the others are well. */
function planShrinking(view: StatefulView): { readonly remove: readonly Pod[]; readonly blocked: boolean } {
  const { condemned } = view;
  if (!isOrdered(view)) return { remove: condemned.filter((pod) => !isDeleting(pod)), blocked: false };
  const [highest] = condemned;
  if (highest === undefined) return { remove: [], blocked: false };
  const mayGo = isAvailable(highest, view) || highest === firstUnhealthy(view);
  return { remove: !isDeleting(highest) && mayGo ? [highest] : [], blocked: true };
}

/** How many pods an update may have unavailable at once: 1 unless the strategy allows more. */
function updateRoom(set: StatefulSet): number {
  const { maxUnavailable = 1 } = set.spec?.updateStrategy?.rollingUpdate ?? {};
  const scaled = scaledValue(maxUnavailable, set.spec?.replicas ?? 1, 'down');
  return scaled.ok ? Math.max(1, scaled.value) : 1;
}

/** Takes pods of another revision away, from the highest to the partition, as far as availability allows. */
function planUpdating(view: StatefulView): readonly Pod[] {
  const { set, slots, update } = view;
  const { type, rollingUpdate } = set.spec?.updateStrategy ?? {};
  if (type === 'OnDelete') return [];
  const remove: Pod[] = [];
  let room = updateRoom(set);
  for (const { pod } of slots.slice(rollingUpdate?.partition ?? 0).reverse()) {
    if (room <= 0) break;
    const outdated = pod !== undefined && podRevision(pod) !== nameOf(update) && !isDeleting(pod);
    if (outdated) remove.push(pod);
    if (outdated || !isAvailable(pod, view) || isDeleting(pod)) room--;
  }
  return remove;
}

/** The next step towards the set's places, all of the right revision. Pure. */
export function planStatefulSet(view: StatefulView): StatefulPlan {
  if (isDeleting(view.set)) return { ended: [], create: [], claims: [], remove: [] };
  const { blocked, ...plan } = planSlots(view);
  if (blocked) return { ...plan, remove: [] };
  const shrinking = planShrinking(view);
  if (shrinking.blocked) return { ...plan, remove: shrinking.remove };
  const updating = planUpdating(view).filter((pod) => !plan.ended.includes(pod));
  return { ...plan, remove: [...shrinking.remove, ...updating] };
}
