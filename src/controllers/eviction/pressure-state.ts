import { conditionOf, type Observations, type PressureCondition } from './signals.ts';
import { type Threshold, thresholdsMet } from './thresholds.ts';

/** What is remembered between two looks. A restart begins anew, as the kubelet's does. */
export interface PressureState {
  /** Since when each threshold is met, ms. */
  readonly metSince: ReadonlyMap<Threshold, number>;
  /** When each condition was last found, ms. */
  readonly seenAt: ReadonlyMap<PressureCondition, number>;
  /** What the Node says: found now, or less than the transition period ago. */
  readonly conditions: ReadonlySet<PressureCondition>;
  /** Met for as long as their grace asks for: something has to be done. Memory first. */
  readonly due: readonly Threshold[];
}

/** Before the first look. */
export const CALM: PressureState = { metSince: new Map(), seenAt: new Map(), conditions: new Set(), due: [] };

/** One look. */
export interface PressureLook {
  readonly thresholds: readonly Threshold[];
  readonly observations: Observations;
  readonly transitionMs: number;
  /** ms. */
  readonly now: number;
}

/** The state after a look, as the kubelet's eviction manager reckons it. Pure. */
export function nextPressure(before: PressureState, look: PressureLook): PressureState {
  const { thresholds, observations, transitionMs, now } = look;
  const unresolved = thresholdsMet(before.due, observations, true);
  const met = new Set([...thresholdsMet(thresholds, observations), ...unresolved]);
  const metSince = new Map([...met].map((threshold) => [threshold, before.metSince.get(threshold) ?? now]));
  const found = [...met].map(({ signal }) => [conditionOf(signal), now] as const);
  const seenAt = new Map([...before.seenAt, ...found]);
  const conditions = [...seenAt].filter(([, at]) => at === now || now - at < transitionMs).map(([type]) => type);
  const due = [...metSince].filter(([{ graceMs }, since]) => now - since >= graceMs).map(([threshold]) => threshold);
  return { metSince, seenAt, conditions: new Set(conditions), due: due.sort(memoryFirst) };
}

function memoryFirst(a: Threshold, b: Threshold): number {
  const rank = ({ signal }: Threshold): number => (signal === 'memory.available' ? 0 : 1);
  return rank(a) - rank(b);
}
