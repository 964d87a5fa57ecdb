import type { HorizontalPodAutoscaler, Pod } from '../kinds/types.ts';
import { semanticEqual } from '../machinery/deep.ts';
import { matchesLabels, parseLabelSelector } from '../machinery/selectors.ts';
import { formatTime } from '../machinery/time.ts';
import {
  type AutoscalerPlan,
  type AutoscalerStatus,
  conditionSet,
  planAutoscaler,
  type Told,
} from './autoscaling/autoscaler-plan.ts';
import { beginHistory, type History, withChange } from './autoscaling/history.ts';
import type { PodUsageReader } from './autoscaling/samples.ts';
import type { Controller, ObjectChange, Requeue } from './controller.ts';
import { nameOf, namespaceOf, objectKey, splitKey, uidOf } from './meta.ts';
import type { Scales, ScaleTarget } from './scales.ts';
import { errorText } from './workloads/pod-control.ts';
import type { ReplicasOptions } from './workloads/replicas.ts';

/** How often the use is looked at, while there is somebody to ask. */
const PERIOD_MS = 15_000;

/** What the controller needs. */
export interface AutoscalingOptions extends ReplicasOptions {
  readonly scales: Scales;
  readonly podUsage: PodUsageReader;
}

interface Pass extends AutoscalingOptions {
  readonly autoscaler: HorizontalPodAutoscaler;
  /** By uid. */
  readonly histories: Map<string, History>;
}

function tell({ recorder, autoscaler }: Pass, told: readonly Told[]): void {
  for (const one of told) recorder.record(autoscaler, { ...one, component: 'horizontal-pod-autoscaler' });
}

async function writeStatus({ resources, autoscaler }: Pass, status: AutoscalerStatus): Promise<void> {
  if (semanticEqual(status, autoscaler.status)) return;
  await resources.horizontalPodAutoscalers.modify(autoscaler, (now) => ({ ...now, status }), 'status');
}

/** Says that the target can't be found or scaled. */
async function reportUnscalable(pass: Pass, error: unknown): Promise<void> {
  const { autoscaler, clock } = pass;
  tell(pass, [{ type: 'Warning', reason: 'FailedGetScale', message: errorText(error) }]);
  const message = `the HPA controller was unable to get the target's current scale: ${errorText(error)}`;
  const { status } = autoscaler;
  const before = status?.conditions ?? [];
  const conditions = conditionSet(before, ['AbleToScale', false, 'FailedGetScale', message], clock.now());
  await writeStatus(pass, { ...status, desiredReplicas: status?.desiredReplicas ?? 0, conditions: [...conditions] });
}

function selectorOf({ scale }: ScaleTarget): (pod: Pod) => boolean {
  const parsed = parseLabelSelector(scale.status.selector ?? '');
  return (pod) => parsed.ok && matchesLabels(parsed.value, pod.metadata?.labels);
}

/** The autoscalers whose targets have one of these pods. */
function rivalsOf({ autoscaler, resources, scales }: Pass, pods: readonly Pod[]): readonly string[] {
  const namespace = namespaceOf(autoscaler);
  const selects = (other: HorizontalPodAutoscaler): boolean => {
    if (other === autoscaler) return true;
    try {
      const target = scales.find(namespace, other.spec?.scaleTargetRef ?? { kind: '', name: '' });
      return target.scale.status.selector !== undefined && pods.some(selectorOf(target));
    } catch {
      return false;
    }
  };
  return resources.horizontalPodAutoscalers.list(namespace).filter(selects).map(nameOf).sort();
}

async function planFor(pass: Pass, target: ScaleTarget): Promise<AutoscalerPlan> {
  const { autoscaler, resources, histories, clock, podUsage } = pass;
  const namespace = namespaceOf(autoscaler);
  const selector = target.scale.status.selector ?? '';
  const pods = selector === '' ? [] : resources.pods.list(namespace).filter(selectorOf(target));
  const usages = pods.length === 0 ? [] : await podUsage(namespace, selector);
  const replicas = target.scale.spec.replicas ?? 0;
  const now = clock.now();
  const history = histories.get(uidOf(autoscaler)) ?? beginHistory(replicas, now);
  const rivals = rivalsOf(pass, pods);
  return planAutoscaler({ autoscaler, target: { replicas, selector }, pods, usages, rivals, history, now });
}

/** Sets the new size. The plan with what came of it; its status is the one to write either way. */
async function rescale(pass: Pass, target: ScaleTarget, plan: AutoscalerPlan): Promise<AutoscalerPlan> {
  if (plan.rescale === undefined) return plan;
  const { to, reason } = plan.rescale;
  const { clock, scales } = pass;
  const from = target.scale.spec.replicas ?? 0;
  try {
    await scales.set(target, to);
  } catch (error) {
    const message = `New size: ${to}; reason: ${reason}; error: ${errorText(error)}`;
    const why = `the HPA controller was unable to update the target scale: ${errorText(error)}`;
    const conditions = conditionSet(plan.conditions, ['AbleToScale', false, 'FailedUpdateScale', why], clock.now());
    const told = { type: 'Warning', reason: 'FailedRescale', message } as const;
    return { ...plan, conditions, told: [...plan.told, told], rescale: undefined, failed: true };
  }
  const done = `the HPA controller was able to update the target scale to ${to}`;
  const conditions = conditionSet(plan.conditions, ['AbleToScale', true, 'SucceededRescale', done], clock.now());
  const told = { type: 'Normal', reason: 'SuccessfulRescale', message: `New size: ${to}; reason: ${reason}` } as const;
  const history = withChange(plan.history, { from, to }, clock.now());
  return { ...plan, conditions, told: [...plan.told, told], history };
}

function statusAfter({ autoscaler, clock }: Pass, target: ScaleTarget, plan: AutoscalerPlan): AutoscalerStatus {
  const { status, metadata } = autoscaler;
  const replicas = target.scale.spec.replicas ?? 0;
  const desired = plan.failed ? (status?.desiredReplicas ?? 0) : (plan.rescale?.to ?? replicas);
  return {
    ...status,
    observedGeneration: metadata?.generation ?? status?.observedGeneration,
    currentReplicas: replicas,
    desiredReplicas: desired,
    lastScaleTime: plan.rescale === undefined ? status?.lastScaleTime : formatTime(clock.now()),
    currentMetrics: [...plan.metrics],
    conditions: [...plan.conditions],
  };
}

async function reconcile(key: string, pass: Omit<Pass, 'autoscaler'>): Promise<Requeue | undefined> {
  const { namespace, name } = splitKey(key);
  const autoscaler = pass.resources.horizontalPodAutoscalers.find(namespace, name);
  if (autoscaler === undefined) return undefined;
  const full = { ...pass, autoscaler };
  const reference = autoscaler.spec?.scaleTargetRef ?? { kind: '', name: '' };
  let target: ScaleTarget;
  try {
    target = pass.scales.find(namespace, reference);
  } catch (error) {
    await reportUnscalable(full, error);
    return { afterMs: PERIOD_MS };
  }
  const plan = await rescale(full, target, await planFor(full, target));
  tell(full, plan.told);
  pass.histories.set(uidOf(autoscaler), plan.history);
  await writeStatus(full, statusAfter(full, target, plan));
  return { afterMs: PERIOD_MS };
}

/** Its own writes of the status are no reason to look. */
function autoscalerKeys({ type, entry, previous }: ObjectChange): readonly string[] {
  const before = previous?.object as HorizontalPodAutoscaler | undefined;
  const now = entry.object as HorizontalPodAutoscaler;
  return type === 'MODIFIED' && semanticEqual(before?.spec, now.spec) ? [] : [objectKey(now)];
}

/**
 * Scales what autoscalers target by what its pods use, every 15 seconds as upstream. Recommendations and changes of
 * size are remembered in memory, as upstream does: after a restart they begin with the present size.
 */
export function horizontalPodAutoscaling(options: AutoscalingOptions): Controller {
  const histories = new Map<string, History>();
  const pass = { ...options, histories };
  return {
    name: 'horizontal-pod-autoscaling',
    inputs: [
      {
        resource: 'autoscaling/horizontalpodautoscalers',
        keys: (change) => {
          if (change.type === 'DELETED') histories.delete(uidOf(change.entry.object));
          return autoscalerKeys(change);
        },
      },
    ],
    outputs: [
      { what: 'autoscaling/horizontalpodautoscalers#status', mode: 'exclusive' },
      { what: 'scale of whatever can be scaled', mode: 'shared' },
      { what: '/events', mode: 'shared' },
    ],
    reconcile: (key) => reconcile(key, pass),
  };
}
