import type { Pod, ReplicaSet } from '../../kinds/types.ts';
import { semanticEqual } from '../../machinery/deep.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import { type Clock, timeOf } from '../clock.ts';
import type { Controller, Requeue } from '../controller.ts';
import type { EventRecorder } from '../events.ts';
import { ownedBy } from '../indexes.ts';
import type { Measures } from '../measures.ts';
import { controllerReference, isDeleting, objectKey, splitKey } from '../meta.ts';
import type { Resource, Resources } from '../resources.ts';
import { inDeletionOrder } from './deletion-order.ts';
import { claimPods, ownersOfPod } from './owned-pods.ts';
import { createPods, deletePods, type PodControl, type PodFailure } from './pod-control.ts';
import { isPodActive, isPodFinished, isPodReady } from './pod-facts.ts';
import { podFromTemplate } from './pod-from-template.ts';
import { replicaSetStatus } from './replica-set-status.ts';

/** Most pods made or deleted in one go, as upstream's burst. */
const BURST = 500;

/** What a controller of replicas needs. */
export interface ReplicasOptions {
  readonly resources: Resources;
  readonly recorder: EventRecorder;
  readonly clock: Clock;
  readonly measures?: Measures;
}

/** A kind that keeps a number of equal pods, and how it reads as a ReplicaSet. */
export interface ReplicasKind<T extends KubernetesObject> {
  /** The controller's name. */
  readonly name: string;
  /** The kind's `<group>/<plural>`. */
  readonly input: string;
  /** Who the Events are from. */
  readonly component: string;
  readonly type: { readonly apiVersion: string; readonly kind: string };
  readonly resourceOf: (resources: Resources) => Resource<T>;
  readonly asReplicaSet: (object: T) => ReplicaSet;
  readonly withStatus: (object: T, status: NonNullable<ReplicaSet['status']>) => T;
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

/** Ages of the ready pods that go, as whole multiples of the youngest ready one's. Pure. */
export function deletionAgeRatios(active: readonly Pod[], remove: readonly Pod[], now: number): readonly number[] {
  if (remove.length === active.length) return [];
  const ageOf = (pod: Pod): number => now - timeOf(pod.metadata?.creationTimestamp);
  const youngest = Math.min(...active.filter(isPodReady).map(ageOf));
  // Times are stored to the second: in the first one there is no ratio.
  if (youngest <= 0) return [];
  return remove.filter(isPodReady).map((pod) => Math.trunc(ageOf(pod) / youngest));
}

async function applyPlan(
  replicaSet: ReplicaSet,
  plan: ReplicasPlan,
  { type, control }: { readonly type: ReplicasKind<ReplicaSet>['type']; readonly control: PodControl },
): Promise<PodFailure | undefined> {
  if (plan.create === 0) return deletePods(plan.remove, control);
  const pod = podFromTemplate(replicaSet, replicaSet.spec?.template, controllerReference(replicaSet, type));
  return createPods(
    Array.from({ length: plan.create }, () => pod),
    control,
  );
}

async function reconcile<T extends KubernetesObject>(
  key: string,
  kind: ReplicasKind<T>,
  options: ReplicasOptions,
): Promise<Requeue | undefined> {
  const { resources, recorder, clock } = options;
  const { namespace, name } = splitKey(key);
  const resource = kind.resourceOf(resources);
  const owner = resource.find(namespace, name);
  if (owner === undefined) return undefined;
  const replicaSet = kind.asReplicaSet(owner);
  const { selector } = replicaSet.spec ?? {};
  const reference = controllerReference(owner, kind.type);
  const adoptable = (pod: Pod): boolean => !isPodFinished(pod);
  const claimed = await claimPods(owner, { selector, reference, adoptable }, resources.pods);
  const control = { owner, component: kind.component, pods: resources.pods, recorder };
  const plan = planReplicas(replicaSet, claimed);
  for (const ratio of deletionAgeRatios(claimed.filter(isPodActive), plan.remove, clock.now())) {
    options.measures?.observe('replicaset_controller_sorting_deletion_age_ratio', ratio);
  }
  const failure = await applyPlan(replicaSet, plan, { type: kind.type, control });
  // Read our writes: the status counts the pods of this very pass.
  const owned = ownedBy(owner, resources.pods);
  const { status, nextMs } = replicaSetStatus(replicaSet, owned, { now: clock.now(), failure });
  if (!semanticEqual(status, replicaSet.status)) {
    await resource.modify(owner, (now) => kind.withStatus(now, status), 'status');
  }
  if (failure !== undefined) throw new Error(failure.message);
  return nextMs === undefined ? undefined : { afterMs: nextMs };
}

/**
 * Keeps as many pods as an object of the kind asks for. There are no expectations as upstream has them: reads see
 * every acknowledged write, so each pass counts what is really there.
 */
export function replicasController<T extends KubernetesObject>(
  kind: ReplicasKind<T>,
  options: ReplicasOptions,
): Controller {
  const resource = kind.resourceOf(options.resources);
  const owner = { type: kind.type, resource, selectorOf: (o: T) => kind.asReplicaSet(o).spec?.selector };
  return {
    name: kind.name,
    concurrency: 4,
    inputs: [
      { resource: kind.input, keys: (change) => [objectKey(change.entry.object)] },
      { resource: '/pods', keys: (change) => ownersOfPod(change, owner) },
    ],
    outputs: [
      { what: `${kind.input}#status`, mode: 'exclusive' },
      { what: `/pods of a ${kind.type.kind}`, mode: 'exclusive' },
      { what: '/events', mode: 'shared' },
    ],
    reconcile: (key) => reconcile(key, kind, options),
  };
}
