import { parseQuantity, quantityToMilli, quantityToNumber } from '../../../src/machinery/quantity.ts';

/** A quantity in whole units, rounded up; undefined where there is none, or none that can be read. */
export function units(quantity: string | undefined): number | undefined {
  const parsed = quantity === undefined ? undefined : parseQuantity(quantity);
  return parsed?.ok ? Math.ceil(quantityToNumber(parsed.value)) : undefined;
}

/** A quantity in thousandths. */
export function milli(quantity: string | undefined): number | undefined {
  const parsed = quantity === undefined ? undefined : parseQuantity(quantity);
  return parsed?.ok ? quantityToMilli(parsed.value) : undefined;
}

/** What no request of processor time comes to, and the least that one does. */
export const LEAST_SHARES = 2;
const MOST_SHARES = 262_144;

/** The kubelet's `MilliCPUToShares`: 1024 for a processor. */
export function sharesOf(milliCpu: number): number {
  return Math.min(MOST_SHARES, Math.max(LEAST_SHARES, Math.floor((milliCpu * 1024) / 1000)));
}

/** Shares as a weight of cgroup v2, 1 to 10000, as the runtimes convert them. */
export function weightOf(shares: number): number {
  return 1 + Math.floor(((shares - LEAST_SHARES) * 9999) / (MOST_SHARES - LEAST_SHARES));
}

/** Less than this can't be granted: the kubelet's least quota is a millisecond of each tenth of a second. */
export const LEAST_QUOTA_MILLI = 10;
