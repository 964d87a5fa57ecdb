import type { HorizontalPodAutoscaler, Pod } from '../../kinds/types.ts';
import { setCondition } from '../../machinery/conditions.ts';
import { formatTime } from '../../machinery/time.ts';
import type { Happening } from '../events.ts';
import { type History, withRecommendation } from './history.ts';
import { limit, stabilize } from './limits.ts';
import { type MetricFailure, type MetricStatus, type Proposal, proposeReplicas } from './metric-proposals.ts';
import type { PodUsage } from './samples.ts';

/** An autoscaler's status. */
export type AutoscalerStatus = NonNullable<HorizontalPodAutoscaler['status']>;
/** A condition of it. */
export type AutoscalerCondition = NonNullable<AutoscalerStatus['conditions']>[number];
/** What is told of it. */
export type Told = Pick<Happening, 'type' | 'reason' | 'message'>;

/** An autoscaler and what it scales at one moment. */
export interface AutoscalerView {
  readonly autoscaler: HorizontalPodAutoscaler;
  /** The target's size; its selector in text form. */
  readonly target: { readonly replicas: number; readonly selector: string };
  readonly pods: readonly Pod[];
  readonly usages: readonly PodUsage[];
  /** Names of the autoscalers whose targets select these pods, its own among them. */
  readonly rivals: readonly string[];
  readonly history: History;
  /** ms since the epoch. */
  readonly now: number;
}

/** What shall be done, and what shall be said. */
export interface AutoscalerPlan {
  readonly conditions: readonly AutoscalerCondition[];
  readonly told: readonly Told[];
  readonly metrics: readonly MetricStatus[];
  /** The new size, and why; undefined to leave it. */
  readonly rescale: { readonly to: number; readonly reason: string } | undefined;
  readonly history: History;
  /** Nothing could be computed: the desired number stays what it was. */
  readonly failed: boolean;
}

/** A list of conditions with one of them set. */
export function conditionSet(
  conditions: readonly AutoscalerCondition[],
  [type, status, reason, message]: readonly [type: string, status: boolean, reason: string, message: string],
  now: number,
): readonly AutoscalerCondition[] {
  const condition = { type, status: status ? 'True' : 'False', reason, message };
  return setCondition<AutoscalerCondition>(conditions, condition, formatTime(now));
}

interface Computed {
  readonly proposals: readonly Proposal[];
  readonly failures: readonly MetricFailure[];
}

function compute({ autoscaler, pods, usages, target, now }: AutoscalerView): Computed {
  const { metrics = [], behavior } = autoscaler.spec ?? {};
  const found = metrics.map((metric) =>
    proposeReplicas(metric, { behavior, pods, usages, current: target.replicas, now }),
  );
  return {
    proposals: found.flatMap((one) => ('proposal' in one ? [one.proposal] : [])),
    failures: found.flatMap((one) => ('failure' in one ? [one.failure] : [])),
  };
}

/** Why the target's pods can't be told from others; undefined when they can. */
function selectorProblem({ target, rivals, autoscaler }: AutoscalerView): Told | undefined {
  if (target.selector === '') return { type: 'Warning', reason: 'SelectorRequired', message: 'selector is required' };
  if (rivals.length < 2) return undefined;
  const names = rivals.map((name) => `${autoscaler.metadata?.namespace}/${name}`).join(' ');
  const message = `pods by selector ${target.selector} are controlled by multiple HPAs: [${names}]`;
  return { type: 'Warning', reason: 'AmbiguousSelector', message };
}

const NOTHING = { told: [], metrics: [], rescale: undefined, failed: false } as const;

function stuck(view: AutoscalerView, conditions: AutoscalerPlan['conditions'], problem: Told): AutoscalerPlan {
  const isMissing = problem.reason === 'SelectorRequired';
  const [reason, message] = isMissing
    ? ['InvalidSelector', "the HPA target's scale is missing a selector"]
    : [problem.reason, problem.message];
  const failure: Told = { type: 'Warning', reason: 'FailedComputeMetricsReplicas', message: problem.message };
  return {
    ...NOTHING,
    conditions: conditionSet(conditions, ['ScalingActive', false, reason, message], view.now),
    told: [problem, failure],
    history: view.history,
    failed: true,
  };
}

function invalid(view: AutoscalerView, conditions: AutoscalerPlan['conditions'], found: Computed): AutoscalerPlan {
  const [first] = found.failures;
  const { reason = '', message = '', summary = '' } = first ?? {};
  const total = found.failures.length + found.proposals.length;
  const told = `invalid metrics (${found.failures.length} invalid out of ${total}), first error is: ${summary}`;
  const why = `the HPA was unable to compute the replica count: ${message}`;
  return {
    ...NOTHING,
    conditions: conditionSet(conditions, ['ScalingActive', false, reason, why], view.now),
    told: [...failuresTold(found), { type: 'Warning', reason: 'FailedComputeMetricsReplicas', message: told }],
    metrics: found.proposals.map(({ status }) => status),
    history: view.history,
    failed: true,
  };
}

function failuresTold({ failures }: Computed): readonly Told[] {
  return failures.map(({ reason, message }) => ({ type: 'Warning', reason, message }));
}

function reasonFor(proposal: Proposal, current: number): string {
  if (proposal.replicas > current) return `${proposal.name} above target`;
  return proposal.replicas < current ? 'All metrics below target' : '';
}

function bounded(
  view: AutoscalerView,
  conditions: AutoscalerPlan['conditions'],
  { found, best }: { readonly found: Computed; readonly best: Proposal },
): AutoscalerPlan {
  const { autoscaler, history, target, now } = view;
  const { behavior, minReplicas: min = 1, maxReplicas: max = min } = autoscaler.spec ?? {};
  const input = { behavior, history, current: target.replicas, wanted: best.replicas, min, max, now };
  const stabilized = stabilize(input);
  const limited = limit({ ...input, wanted: stabilized.replicas });
  const isLimited = limited.replicas !== stabilized.replicas;
  const valid = `the HPA was able to successfully calculate a replica count from ${best.name}`;
  const all = [
    ['ScalingActive', true, 'ValidMetricFound', valid],
    ['AbleToScale', true, stabilized.reason, stabilized.message],
    ['ScalingLimited', isLimited, limited.reason, limited.message],
  ] as const;
  return {
    ...NOTHING,
    conditions: all.reduce((list, one) => conditionSet(list, one, now), conditions),
    told: failuresTold(found),
    metrics: found.proposals.map(({ status }) => status),
    rescale:
      limited.replicas === target.replicas
        ? undefined
        : { to: limited.replicas, reason: reasonFor(best, target.replicas) },
    history: withRecommendation(history, best.replicas, now),
  };
}

function byMetrics(view: AutoscalerView, conditions: AutoscalerPlan['conditions']): AutoscalerPlan {
  const problem = selectorProblem(view);
  if (problem !== undefined) return stuck(view, conditions, problem);
  const found = compute(view);
  const [best] = [...found.proposals].sort((a, b) => b.replicas - a.replicas);
  const wouldShrink = found.failures.length > 0 && (best?.replicas ?? 0) < view.target.replicas;
  if (best === undefined || wouldShrink) return invalid(view, conditions, found);
  return bounded(view, conditions, { found, best });
}

/** What an autoscaler does now, as upstream's. Pure. */
export function planAutoscaler(view: AutoscalerView): AutoscalerPlan {
  const { autoscaler, target, history, now } = view;
  const { minReplicas: min = 1, maxReplicas: max = min } = autoscaler.spec ?? {};
  const able = "the HPA controller was able to get the target's current scale";
  const before = autoscaler.status?.conditions ?? [];
  const conditions = conditionSet(before, ['AbleToScale', true, 'SucceededGetScale', able], now);
  const still = { ...NOTHING, conditions, history };
  if (target.replicas === 0 && min !== 0) {
    const message = 'scaling is disabled since the replica count of the target is zero';
    return {
      ...still,
      conditions: conditionSet(conditions, ['ScalingActive', false, 'ScalingDisabled', message], now),
    };
  }
  if (target.replicas > max) {
    return { ...still, rescale: { to: max, reason: 'Current number of replicas above Spec.MaxReplicas' } };
  }
  if (target.replicas < min) {
    return { ...still, rescale: { to: min, reason: 'Current number of replicas below Spec.MinReplicas' } };
  }
  return byMetrics(view, conditions);
}
