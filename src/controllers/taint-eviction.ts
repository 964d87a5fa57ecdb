import type { Pod } from '../kinds/types.ts';
import { setCondition } from '../machinery/conditions.ts';
import { formatTime } from '../machinery/time.ts';
import type { Clock } from './clock.ts';
import type { Controller, ObjectChange, Requeue } from './controller.ts';
import type { EventRecorder } from './events.ts';
import { isDeleting, objectKey, splitKey } from './meta.ts';
import type { Resources } from './resources.ts';
import { secondsTolerated } from './workloads/taints.ts';

/** What the controller needs. */
export interface TaintEvictionOptions {
  readonly resources: Resources;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly nodeName: string;
}

/** What becomes of a pod on a node as it is tainted now. */
export type TaintPlan =
  | { readonly action: 'stay' }
  | { readonly action: 'wait'; readonly ms: number }
  | { readonly action: 'evict' };

/** Pure; `since` is when the pod's time began to run. */
export function planTaintEviction(seconds: number | undefined, since: number, now: number): TaintPlan {
  if (seconds === undefined || seconds === Number.POSITIVE_INFINITY) return { action: 'stay' };
  const ms = since + seconds * 1000 - now;
  return ms > 0 ? { action: 'wait', ms } : { action: 'evict' };
}

function record(pod: Pod, message: string, { recorder }: TaintEvictionOptions): void {
  const component = 'taint-eviction-controller';
  recorder.record(pod, { type: 'Normal', reason: 'TaintManagerEviction', message, component });
}

async function evict(pod: Pod, options: TaintEvictionOptions): Promise<void> {
  const { resources, clock } = options;
  record(pod, `Marking for deletion Pod ${objectKey(pod)}`, options);
  const condition = {
    type: 'DisruptionTarget',
    status: 'True',
    reason: 'DeletionByTaintManager',
    message: 'Taint manager: deleting due to NoExecute taint',
    observedGeneration: pod.metadata?.generation,
  };
  const mark = (now: Pod): Pod => {
    const conditions = setCondition(now.status?.conditions, condition, formatTime(clock.now()));
    return { ...now, status: { ...now.status, conditions } };
  };
  await resources.pods.modify(pod, mark, 'status');
  await resources.pods.delete(pod);
}

/** A pod that came to a node, or whose tolerations changed. */
function concerned({ type, entry, previous }: ObjectChange): readonly string[] {
  const pod = entry.object as Pod;
  const before = previous?.object as Pod | undefined;
  if (type === 'DELETED') return [objectKey(pod)];
  const isSame =
    before?.spec?.nodeName === pod.spec?.nodeName && before?.metadata?.generation === pod.metadata?.generation;
  return pod.spec?.nodeName && !isSame ? [objectKey(pod)] : [];
}

/**
 * Deletes pods that don't tolerate the node's NoExecute taints, or no longer. The time that they tolerate them runs from
 * when this controller sees pod and taint together, as upstream's; a restart begins anew.
 */
export function taintEviction(options: TaintEvictionOptions): Controller {
  const { resources, clock, nodeName } = options;
  const since = new Map<string, number>();
  const reconcile = async (key: string): Promise<Requeue | undefined> => {
    const { namespace, name } = splitKey(key);
    const pod = resources.pods.find(namespace, name);
    const node = resources.nodes.find('', nodeName);
    if (pod === undefined || node === undefined || pod.spec?.nodeName !== nodeName || isDeleting(pod)) {
      since.delete(key);
      return undefined;
    }
    const began = since.get(key) ?? clock.elapsed();
    const plan = planTaintEviction(secondsTolerated(pod, node), began, clock.elapsed());
    switch (plan.action) {
      case 'stay':
        if (since.delete(key)) record(pod, `Cancelling deletion of Pod ${key}`, options);
        return undefined;
      case 'wait':
        since.set(key, began);
        return { afterMs: plan.ms };
      case 'evict':
        since.delete(key);
        await evict(pod, options);
        return undefined;
      default:
        return plan satisfies never;
    }
  };
  const taintsOf = (change: ObjectChange['entry'] | undefined): string =>
    JSON.stringify(
      (change?.object as { readonly spec?: { readonly taints?: object } } | undefined)?.spec?.taints ?? [],
    );
  return {
    name: 'taint-eviction',
    inputs: [
      { resource: '/pods', keys: concerned },
      {
        resource: '/nodes',
        keys: ({ entry, previous }) =>
          taintsOf(entry) === taintsOf(previous) ? [] : resources.pods.list().map(objectKey),
      },
    ],
    outputs: [
      { what: '/pods', mode: 'shared' },
      { what: '/pods#status.conditions.DisruptionTarget', mode: 'shared' },
      { what: '/events', mode: 'shared' },
    ],
    reconcile,
  };
}
