import { parseQuantity, quantityToNumber } from '../../machinery/quantity.ts';
import type { Observation, Observations, Signal } from './signals.ts';

/** So much of something, or so much of what there is of it. */
export type Amount = { readonly units: number } | { readonly share: number };

/** Less than this is too little. */
export interface Threshold {
  readonly signal: Signal;
  readonly value: Amount;
  /** For how long it has to be too little before pods go; 0 for a hard threshold. */
  readonly graceMs: number;
  readonly isHard: boolean;
  /** What has to be there beyond the threshold before reclaiming stops. */
  readonly minReclaim: Amount;
}

/** Texts by signal, `100Mi` or `10%`. */
export type AmountTexts = { readonly [S in Signal]?: string | undefined };

/** The thresholds as they are configured. */
export interface ThresholdTexts {
  readonly hard: AmountTexts;
  readonly soft: AmountTexts;
  readonly softGraceSeconds: { readonly [S in Signal]?: number | undefined };
  readonly minimumReclaim: AmountTexts;
}

/** `100Mi`, `10%`; undefined for anything else, and for less than nothing. */
export function parseAmount(text: string): Amount | undefined {
  const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
  if (percent !== undefined) return Number(percent) <= 100 ? { share: Number(percent) / 100 } : undefined;
  const quantity = parseQuantity(text);
  if (!quantity.ok || quantity.value.nano < 0n) return undefined;
  return { units: quantityToNumber(quantity.value) };
}

/** The thresholds, hard ones first; `0` and `0%` switch one off, as for the kubelet. Texts have been checked. Pure. */
export function parseThresholds(texts: ThresholdTexts): readonly Threshold[] {
  const parse = (amounts: AmountTexts, isHard: boolean): readonly Threshold[] =>
    (Object.entries(amounts) as [Signal, string | undefined][]).flatMap(([signal, text]) => {
      const value = text === undefined ? undefined : parseAmount(text);
      if (value === undefined || unitsOf(value, Number.MAX_SAFE_INTEGER) === 0) return [];
      const minReclaim = parseAmount(texts.minimumReclaim[signal] ?? '0') ?? { units: 0 };
      const graceMs = isHard ? 0 : (texts.softGraceSeconds[signal] ?? 0) * 1000;
      return [{ signal, value, graceMs, isHard, minReclaim }];
    });
  return [...parse(texts.hard, true), ...parse(texts.soft, false)];
}

/** In the signal's own units: bytes, inodes, processes. */
export function unitsOf(amount: Amount, capacity: number): number {
  return 'share' in amount ? Math.floor(capacity * amount.share) : amount.units;
}

function isMet({ value, minReclaim }: Threshold, { available, capacity }: Observation, withReclaim: boolean): boolean {
  const extra = withReclaim ? unitsOf(minReclaim, capacity) : 0;
  return unitsOf(value, capacity) + extra > available;
}

/** Those of which there is too little; with `withReclaim` also where not enough was got back yet. Pure. */
export function thresholdsMet(
  thresholds: readonly Threshold[],
  observations: Observations,
  withReclaim = false,
): readonly Threshold[] {
  return thresholds.filter((threshold) => {
    const observed = observations.get(threshold.signal);
    return observed !== undefined && isMet(threshold, observed, withReclaim);
  });
}
