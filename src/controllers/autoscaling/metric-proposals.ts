import type { HorizontalPodAutoscaler, Pod } from '../../kinds/types.ts';
import { type Parsed, parsed, unparsable } from '../../machinery/parsed.ts';
import { formatQuantity, parseQuantity, quantityToFloat, quantityToMilli } from '../../machinery/quantity.ts';
import { type CountTarget, countReplicas, type Tolerances } from './replica-count.ts';
import { type PodUsage, samplesOf } from './samples.ts';

type Spec = NonNullable<HorizontalPodAutoscaler['spec']>;
/** One metric that is asked for. */
export type MetricSpec = NonNullable<Spec['metrics']>[number];
/** One metric as it is. */
export type MetricStatus = NonNullable<NonNullable<HorizontalPodAutoscaler['status']>['currentMetrics']>[number];
type MetricTarget = NonNullable<MetricSpec['resource']>['target'];

/** What metrics are judged by. */
export interface MetricInput {
  readonly behavior: Spec['behavior'];
  readonly pods: readonly Pod[];
  readonly usages: readonly PodUsage[];
  readonly current: number;
  /** ms since the epoch. */
  readonly now: number;
}

/** How many pods a metric asks for. */
export interface Proposal {
  readonly replicas: number;
  /** As Events call it. */
  readonly name: string;
  readonly status: MetricStatus;
}

/** A metric that couldn't be computed: the reason of the condition, its message, and the words around the latter. */
export interface MetricFailure {
  readonly reason: string;
  readonly message: string;
  readonly summary: string;
}

const TOLERANCE = 0.1;

function tolerance(value: string | number | undefined): number {
  const quantity = value === undefined ? undefined : parseQuantity(value);
  return quantity?.ok ? quantityToFloat(quantity.value) : TOLERANCE;
}

function tolerancesOf(behavior: Spec['behavior']): Tolerances {
  return { down: tolerance(behavior?.scaleDown?.tolerance), up: tolerance(behavior?.scaleUp?.tolerance) };
}

function targetOf({ averageValue, averageUtilization }: MetricTarget): Parsed<CountTarget> {
  const value = averageValue === undefined ? undefined : parseQuantity(averageValue);
  if (value?.ok) return parsed({ type: 'value', milli: quantityToMilli(value.value) });
  if (averageUtilization !== undefined) return parsed({ type: 'utilization', percent: averageUtilization });
  return unparsable(
    'invalid resource metric source: neither an average utilization target nor an average value (usage) target was set',
  );
}

function quantityText(resource: string, milli: number): string {
  const format = resource === 'memory' ? 'BinarySI' : 'DecimalSI';
  return formatQuantity({ nano: BigInt(Math.round(milli)) * 1_000_000n, format });
}

interface Asked {
  readonly resource: string;
  readonly container?: string;
  readonly target: MetricTarget;
}

interface Found {
  readonly replicas: number;
  readonly name: string;
  readonly current: { readonly averageUtilization?: number; readonly averageValue: string };
}

function proposeFor({ resource, container, target }: Asked, input: MetricInput): Parsed<Found> {
  const wanted = targetOf(target);
  if (!wanted.ok) return wanted;
  const what = wanted.value.type === 'value' ? 'usage' : 'utilization';
  const failed = (why: string) => unparsable(`failed to get ${resource} ${what}: ${why}`);
  if (input.usages.length === 0) {
    return failed(`unable to get metrics for resource ${resource}: no metrics returned from resource metrics API`);
  }
  const samples = samplesOf(input.usages, resource, container);
  const { pods, current, now } = input;
  const where = container === undefined ? {} : { container };
  const tolerances = tolerancesOf(input.behavior);
  const count = countReplicas({ pods, samples, resource, ...where, current, tolerances, now }, wanted.value);
  if (!count.ok) return failed(count.message);
  const { replicas, utilization, average } = count.value;
  const averageValue = quantityText(resource, average);
  const kind = container === undefined ? 'resource' : 'container resource';
  return wanted.value.type === 'value'
    ? parsed({ replicas, name: `${resource} resource`, current: { averageValue } })
    : parsed({
        replicas,
        name: `${resource} ${kind} utilization (percentage of request)`,
        current: { ...(utilization === undefined ? {} : { averageUtilization: utilization }), averageValue },
      });
}

/** What metrics of other APIs come to: nobody serves those here. */
const ELSEWHERE: { readonly [type: string]: (metric: MetricSpec) => MetricFailure } = {
  Pods: ({ pods }) => absent('FailedGetPodsMetric', 'pods', `unable to get metric ${pods?.metric.name}`, 'custom'),
  Object: ({ object }) => {
    const { kind, name } = object?.describedObject ?? {};
    const what = `unable to get metric ${object?.metric.name}: ${kind} on ${name}`;
    return absent('FailedGetObjectMetric', 'object', what, 'custom');
  },
  External: ({ external }) => {
    const name = external?.metric.name ?? '';
    return absent('FailedGetExternalMetric', `${name} external`, `unable to get external metric ${name}`, 'external');
  },
};

function absent(reason: string, what: string, message: string, api: 'custom' | 'external'): MetricFailure {
  const full = `${message}: unable to fetch metrics from ${api} metrics API: the server could not find the requested resource (get ${api}.metrics.k8s.io)`;
  return { reason, message: full, summary: `failed to get ${what} metric value: ${full}` };
}

/** How many pods one metric asks for. Pure. */
export function proposeReplicas(
  metric: MetricSpec,
  input: MetricInput,
): { readonly proposal: Proposal } | { readonly failure: MetricFailure } {
  const { resource, containerResource } = metric;
  if (resource) {
    const found = proposeFor({ resource: resource.name, target: resource.target }, input);
    if (!found.ok) return failure('FailedGetResourceMetric', `${resource.name} resource`, found.message);
    const { replicas, name, current } = found.value;
    return { proposal: { replicas, name, status: { type: 'Resource', resource: { name: resource.name, current } } } };
  }
  if (containerResource) {
    const { name: of, container, target } = containerResource;
    const found = proposeFor({ resource: of, container, target }, input);
    if (!found.ok) return failure('FailedGetContainerResourceMetric', `${container} container`, found.message);
    const { replicas, name, current } = found.value;
    const status = { type: 'ContainerResource', containerResource: { name: of, container, current } };
    return { proposal: { replicas, name, status } };
  }
  const elsewhere = ELSEWHERE[metric.type]?.(metric);
  if (elsewhere !== undefined) return { failure: elsewhere };
  const message = `unknown metric source type "${metric.type}"`;
  return { failure: { reason: 'InvalidMetricSourceType', message, summary: message } };
}

function failure(reason: string, what: string, message: string): { readonly failure: MetricFailure } {
  return { failure: { reason, message, summary: `failed to get ${what} metric value: ${message}` } };
}
