import { podRequirements } from '../../kinds/quota/pod-requirements.ts';
import type { Pod } from '../../kinds/types.ts';
import { quantityToNumber } from '../../machinery/quantity.ts';
import { priorityOf } from '../scheduling/preemption.ts';
import { type PodLoad, type PodTotals, totalsOf } from './pod-usage.ts';
import type { StarvedResource } from './signals.ts';

/** Which sum counts against which request. Processes and inodes can't be requested. */
const MEASURES: { readonly [R in StarvedResource]: (totals: PodTotals) => number } = {
  memory: ({ memoryBytes }) => memoryBytes,
  'ephemeral-storage': ({ diskBytes }) => diskBytes,
  inodes: ({ inodes }) => inodes,
  pids: ({ processes }) => processes,
};

interface Ranked {
  readonly pod: Pod;
  readonly used: number;
  /** Beyond its request. */
  readonly excess: number;
  readonly isKnown: boolean;
}

function measured(pod: Pod, load: PodLoad | undefined, resource: StarvedResource): Ranked {
  const used = load === undefined ? 0 : MEASURES[resource](totalsOf(load));
  const request = podRequirements(pod.spec, 'requests').get(resource);
  const asked = request === undefined ? 0 : quantityToNumber(request);
  return { pod, used, excess: used - asked, isKnown: load !== undefined };
}

/** Zero when both or neither. */
function first(a: boolean, b: boolean): number {
  return Number(b) - Number(a);
}

function compare(a: Ranked, b: Ranked, resource: StarvedResource): number {
  if (!a.isKnown || !b.isKnown) return first(!a.isKnown, !b.isKnown);
  // Everybody uses processes without having asked for them.
  const exceeding = resource === 'pids' ? 0 : first(a.excess > 0, b.excess > 0);
  return exceeding || priorityOf(a.pod) - priorityOf(b.pod) || b.excess - a.excess;
}

/**
 * Who goes first: pods that use more than they requested before others, then the less important, then those that exceed
 * their request by most. Pure; `rankMemoryPressure` and its kin.
 */
export function rankForEviction(
  pods: readonly Pod[],
  loads: ReadonlyMap<Pod, PodLoad>,
  resource: StarvedResource,
): readonly Pod[] {
  const ranked = pods.map((pod) => measured(pod, loads.get(pod), resource));
  return ranked.sort((a, b) => compare(a, b, resource)).map(({ pod }) => pod);
}
