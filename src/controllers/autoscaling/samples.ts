import type { KubernetesObject } from '../../machinery/object.ts';
import { parseQuantity, quantityToMilli } from '../../machinery/quantity.ts';
import { timeOf } from '../clock.ts';
import { nameOf } from '../meta.ts';

/** What containers of a pod use, as metrics.k8s.io says it. */
export interface PodUsage extends KubernetesObject {
  readonly timestamp: string;
  /** `15s` */
  readonly window: string;
  readonly containers: readonly { readonly name: string; readonly usage: { readonly [resource: string]: string } }[];
}

/** Reads the usage of pods by namespace and label selector. */
export type PodUsageReader = (namespace: string, labelSelector: string) => Promise<readonly PodUsage[]>;

/** One pod's use of one resource. */
export interface Sample {
  /** In thousandths. */
  readonly value: number;
  /** ms since the epoch. */
  readonly at: number;
  readonly windowMs: number;
}

function milli(quantity: string): number {
  const parsed = parseQuantity(quantity);
  return parsed.ok ? quantityToMilli(parsed.value) : 0;
}

const UNIT_MS: { readonly [unit: string]: number } = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a Go duration such as `1m15.5s`. */
function durationMs(text: string): number {
  const parts = [...text.matchAll(/([\d.]+)(ms|s|m|h)/g)];
  return parts.reduce((sum, [, number, unit = '']) => sum + Number(number) * (UNIT_MS[unit] ?? 0), 0);
}

/** What a pod, or one container of it, uses of a resource; undefined when it isn't known of all. */
function usageOf({ containers }: PodUsage, resource: string, container: string | undefined): number | undefined {
  const meant = container === undefined ? containers : containers.filter(({ name }) => name === container);
  const values = meant.map(({ usage }) => usage[resource]);
  if (values.length === 0 || values.some((value) => value === undefined)) return undefined;
  return values.reduce((sum, value = '0') => sum + milli(value), 0);
}

/** Samples by the pod's name. Pure. */
export function samplesOf(
  usages: readonly PodUsage[],
  resource: string,
  container?: string,
): ReadonlyMap<string, Sample> {
  const samples = usages.flatMap((usage) => {
    const value = usageOf(usage, resource, container);
    const sample = { value: value ?? 0, at: timeOf(usage.timestamp), windowMs: durationMs(usage.window) };
    return value === undefined ? [] : [[nameOf(usage), sample] as const];
  });
  return new Map(samples);
}
