import type { Pod, ReplicaSet } from '../kinds/types.ts';
import { semanticEqual } from '../machinery/deep.ts';
import type { Clock } from './clock.ts';
import type { Controller, ObjectChange, Requeue } from './controller.ts';
import type { EventRecorder, Happening } from './events.ts';
import { controllerOf, controllerReference, isDeleting, nameOf, namespaceOf, objectKey, splitKey } from './meta.ts';
import type { Resources } from './resources.ts';
import { applyClaim } from './workloads/apply-claim.ts';
import { planClaim, selects } from './workloads/claim.ts';
import { inDeletionOrder } from './workloads/deletion-order.ts';
import { isPodActive, isPodFinished } from './workloads/pod-facts.ts';
import { podFromTemplate } from './workloads/pod-from-template.ts';
import { type ReplicaFailure, replicaSetStatus } from './workloads/replica-set-status.ts';

const TYPE = { apiVersion: 'apps/v1', kind: 'ReplicaSet' };
/** Most pods made or deleted in one go, as upstream's burst. */
const BURST = 500;

/** What the controller needs. */
export interface ReplicaSetOptions {
  readonly resources: Resources;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
}

/** How many pods to make and which to delete. */
export interface ReplicasPlan {
  readonly create: number;
  readonly remove: readonly Pod[];
}

/** Compares the pods that a ReplicaSet owns with the number it asks for. Pure. */
export function planReplicas(replicaSet: ReplicaSet, owned: readonly Pod[]): ReplicasPlan {
  if (isDeleting(replicaSet)) return { create: 0, remove: [] };
  const active = owned.filter(isPodActive);
  const surplus = active.length - (replicaSet.spec?.replicas ?? 1);
  if (surplus <= 0) return { create: Math.min(-surplus, BURST), remove: [] };
  return { create: 0, remove: inDeletionOrder(active).slice(0, Math.min(surplus, BURST)) };
}

function happening(type: Happening['type'], reason: string, message: string): Happening {
  return { type, reason, message, component: 'replicaset-controller' };
}

function text(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function createPods(
  replicaSet: ReplicaSet,
  count: number,
  options: ReplicaSetOptions,
): Promise<ReplicaFailure | undefined> {
  const { resources, recorder } = options;
  const pod = podFromTemplate(replicaSet, replicaSet.spec?.template, controllerReference(replicaSet, TYPE));
  const make = async (): Promise<void> => {
    const created = await resources.pods.create(pod);
    recorder.record(replicaSet, happening('Normal', 'SuccessfulCreate', `Created pod: ${nameOf(created)}`));
  };
  // Slow start: a template that can't be created fails once, not `count` times.
  for (let made = 0, batch = 1; made < count; made += batch, batch = Math.min(batch * 2, count - made)) {
    const results = await Promise.allSettled(Array.from({ length: batch }, make));
    const failed = results.find((r) => r.status === 'rejected');
    if (failed === undefined) continue;
    recorder.record(replicaSet, happening('Warning', 'FailedCreate', `Error creating: ${text(failed.reason)}`));
    return { reason: 'FailedCreate', message: text(failed.reason) };
  }
  return undefined;
}

async function deletePods(
  replicaSet: ReplicaSet,
  pods: readonly Pod[],
  { resources, recorder }: ReplicaSetOptions,
): Promise<ReplicaFailure | undefined> {
  for (const pod of pods) {
    try {
      await resources.pods.delete(pod);
      recorder.record(replicaSet, happening('Normal', 'SuccessfulDelete', `Deleted pod: ${nameOf(pod)}`));
    } catch (error) {
      recorder.record(replicaSet, happening('Warning', 'FailedDelete', `Error deleting: ${text(error)}`));
      return { reason: 'FailedDelete', message: text(error) };
    }
  }
  return undefined;
}

function gatherOwned(replicaSet: ReplicaSet, { resources }: ReplicaSetOptions): Promise<readonly Pod[]> {
  const candidates = resources.pods
    .list(namespaceOf(replicaSet))
    .filter((pod) => !isPodFinished(pod) || controllerOf(pod)?.uid === replicaSet.metadata?.uid);
  const claim = planClaim(replicaSet, replicaSet.spec?.selector, candidates);
  return applyClaim(claim, controllerReference(replicaSet, TYPE), resources.pods);
}

async function reconcile(key: string, options: ReplicaSetOptions): Promise<Requeue | undefined> {
  const { resources, clock } = options;
  const { namespace, name } = splitKey(key);
  const replicaSet = resources.replicaSets.find(namespace, name);
  if (replicaSet === undefined) return undefined;
  const plan = planReplicas(replicaSet, await gatherOwned(replicaSet, options));
  const failure =
    plan.create > 0
      ? await createPods(replicaSet, plan.create, options)
      : await deletePods(replicaSet, plan.remove, options);
  // Read our writes: the status counts the pods of this very pass.
  const owned = resources.pods.list(namespace).filter((pod) => controllerOf(pod)?.uid === replicaSet.metadata?.uid);
  const { status, nextMs } = replicaSetStatus(replicaSet, owned, { now: clock.now(), failure });
  if (!semanticEqual(status, replicaSet.status)) {
    await resources.replicaSets.modify(replicaSet, (now) => ({ ...now, status }), 'status');
  }
  if (failure !== undefined) throw new Error(failure.message);
  return nextMs === undefined ? undefined : { afterMs: nextMs };
}

/** The ReplicaSets that a changed pod concerns: its controller, or those whose selector wants an orphan. */
function replicaSetsOf(change: ObjectChange, { resources }: ReplicaSetOptions): readonly string[] {
  const pods = [change.entry.object, change.previous?.object].filter((o) => o !== undefined) as readonly Pod[];
  return pods.flatMap((pod) => {
    const owner = controllerOf(pod);
    if (owner !== undefined) return owner.kind === 'ReplicaSet' ? [`${namespaceOf(pod)}/${owner.name}`] : [];
    return resources.replicaSets
      .list(namespaceOf(pod))
      .filter((rs) => selects(rs.spec?.selector, pod))
      .map(objectKey);
  });
}

/**
 * Keeps as many pods as a ReplicaSet asks for. There are no expectations as upstream has them: reads see every
 * acknowledged write, so each pass counts what is really there.
 */
export function replicaSetReplicas(options: ReplicaSetOptions): Controller {
  return {
    name: 'replica-set-replicas',
    concurrency: 4,
    inputs: [
      { resource: 'apps/replicasets', keys: (change) => [objectKey(change.entry.object)] },
      { resource: '/pods', keys: (change) => replicaSetsOf(change, options) },
    ],
    outputs: [
      { what: 'apps/replicasets#status', mode: 'exclusive' },
      { what: '/pods of a ReplicaSet', mode: 'exclusive' },
      { what: '/events', mode: 'shared' },
    ],
    reconcile: (key) => reconcile(key, options),
  };
}
