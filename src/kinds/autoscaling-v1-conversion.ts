import type { KubernetesObject } from '../machinery/object.ts';
import { fromOldMetric, toOldMetric } from './autoscaling-v1-metrics.ts';
import type { Draft, HorizontalPodAutoscaler, MetricSpec, Sparse } from './types.ts';

type Current = Draft<HorizontalPodAutoscaler>;

/** autoscaling/v1: one target for the CPU; all else of autoscaling/v2 travels in annotations. */
interface Old extends KubernetesObject {
  readonly spec?: Pick<NonNullable<Current['spec']>, 'maxReplicas' | 'minReplicas' | 'scaleTargetRef'> & {
    readonly targetCPUUtilizationPercentage?: number;
  };
  readonly status?: Omit<NonNullable<Current['status']>, 'conditions' | 'currentMetrics'> & {
    readonly currentCPUUtilizationPercentage?: number;
  };
}

const PREFIX = 'autoscaling.alpha.kubernetes.io/';
const METRICS = `${PREFIX}metrics`;
const BEHAVIOR = `${PREFIX}behavior`;
const CURRENT_METRICS = `${PREFIX}current-metrics`;
const CONDITIONS = `${PREFIX}conditions`;
const ROUND_TRIP: readonly string[] = [METRICS, BEHAVIOR, CURRENT_METRICS, CONDITIONS];

function cpuTarget(averageUtilization: number): Sparse<MetricSpec> {
  return { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization } } };
}

function utilizationOf({ type, resource }: Sparse<MetricSpec>): number | undefined {
  return type === 'Resource' && resource?.name === 'cpu' ? resource.target?.averageUtilization : undefined;
}

function currentUtilization(status: Current['status']): number | undefined {
  const found = (status?.currentMetrics ?? []).find(
    ({ type, resource }) => type === 'Resource' && resource?.name === 'cpu',
  );
  return found?.resource?.current?.averageUtilization;
}

function defined<T extends object>(fields: T): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}

/** The object with other annotations of the round trip; none left means no annotations. */
function withAnnotations<T extends KubernetesObject>(object: T, more: { readonly [name: string]: string }): T {
  const { annotations, ...metadata } = object.metadata ?? {};
  const kept = Object.entries(annotations ?? {}).filter(([name]) => !ROUND_TRIP.includes(name));
  const all = { ...Object.fromEntries(kept), ...more };
  const shown = Object.keys(all).length === 0 ? {} : { annotations: all };
  return object.metadata === undefined ? object : { ...object, metadata: { ...metadata, ...shown } };
}

/** An annotation for each list or object that has something in it. */
function encoded(values: { readonly [name: string]: unknown }): { readonly [name: string]: string } {
  const filled = Object.entries(values).filter(([, v]) => (Array.isArray(v) ? v.length > 0 : v !== undefined));
  return Object.fromEntries(filled.map(([name, value]) => [name, JSON.stringify(value)]));
}

/** A HorizontalPodAutoscaler as autoscaling/v1 shows it. */
export function toAutoscalingV1(object: KubernetesObject): KubernetesObject {
  const { spec, status, ...rest } = object as Current & KubernetesObject;
  const { metrics = [], behavior, ...shared } = spec ?? {};
  const { conditions = [], currentMetrics = [], ...counts } = status ?? {};
  const cpu = metrics.map(utilizationOf).find((value) => value !== undefined);
  const more = encoded({
    [METRICS]: metrics.filter((metric) => utilizationOf(metric) === undefined).map(toOldMetric),
    [BEHAVIOR]: behavior,
    [CURRENT_METRICS]: currentMetrics.map(toOldMetric),
    [CONDITIONS]: conditions,
  });
  const shown: Old = {
    ...(rest as KubernetesObject),
    ...(spec && { spec: defined({ ...shared, targetCPUUtilizationPercentage: cpu }) }),
    ...(status && { status: defined({ ...counts, currentCPUUtilizationPercentage: currentUtilization(status) }) }),
  };
  return withAnnotations(shown, more);
}

function parsed(object: KubernetesObject, annotation: string): unknown {
  try {
    return JSON.parse(object.metadata?.annotations?.[annotation] ?? 'null');
  } catch {
    return undefined;
  }
}

function listAt(object: KubernetesObject, annotation: string): readonly unknown[] {
  const value = parsed(object, annotation);
  return Array.isArray(value) ? value : [];
}

function storedSpec(object: Old): Current['spec'] {
  const { targetCPUUtilizationPercentage: cpu, ...shared } = object.spec ?? {};
  const others = listAt(object, METRICS).map((metric) => fromOldMetric(metric, false) as Sparse<MetricSpec>);
  const metrics = [...others, ...(cpu === undefined ? [] : [cpuTarget(cpu)])];
  const behavior = parsed(object, BEHAVIOR) ?? undefined;
  return defined({ ...shared, metrics: metrics.length === 0 ? undefined : metrics, behavior });
}

function storedStatus(object: Old): Current['status'] {
  const { currentCPUUtilizationPercentage: averageUtilization, ...counts } = object.status ?? {};
  const resource = { name: 'cpu', current: { averageUtilization } };
  const metrics = listAt(object, CURRENT_METRICS).map((metric) => fromOldMetric(metric, true));
  const known = metrics.length > 0 || averageUtilization === undefined ? metrics : [{ type: 'Resource', resource }];
  const conditions = listAt(object, CONDITIONS);
  return defined({
    ...counts,
    currentMetrics: known.length === 0 ? undefined : known,
    conditions: conditions.length === 0 ? undefined : conditions,
  }) as Current['status'];
}

/** What autoscaling/v1 says in the form of autoscaling/v2. */
export function fromAutoscalingV1(object: KubernetesObject): KubernetesObject {
  const { spec, status, ...rest } = object as Old;
  const stored = {
    ...(rest as KubernetesObject),
    ...(spec && { spec: storedSpec(object as Old) }),
    ...(status && { status: storedStatus(object as Old) }),
  };
  return withAnnotations(stored, {});
}
