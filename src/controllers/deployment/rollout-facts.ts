import type { Deployment, PodTemplateSpec, ReplicaSet } from '../../kinds/types.ts';
import { semanticEqual } from '../../machinery/deep.ts';
import { type IntOrString, scaledValue } from '../../machinery/int-or-string.ts';
import { byAge } from '../meta.ts';

/** Label that keeps the ReplicaSets of one Deployment apart. */
export const HASH_LABEL = 'pod-template-hash';
/** Revision of a Deployment or ReplicaSet, `kubectl rollout history` reads it. */
export const REVISION = 'deployment.kubernetes.io/revision';
/** Earlier revisions of a ReplicaSet that was rolled back to. */
export const REVISION_HISTORY = 'deployment.kubernetes.io/revision-history';
/** The Deployment's replicas when the ReplicaSet was scaled last. */
export const DESIRED_REPLICAS = 'deployment.kubernetes.io/desired-replicas';
/** The most pods that were allowed when the ReplicaSet was scaled last. */
export const MAX_REPLICAS = 'deployment.kubernetes.io/max-replicas';

/** The replicas asked for; a missing field is 1. */
export function replicasOf(object: Deployment | ReplicaSet): number {
  return object.spec?.replicas ?? 1;
}

/** Sum of the replicas that ReplicaSets ask for. */
export function totalReplicas(replicaSets: readonly ReplicaSet[]): number {
  return replicaSets.reduce((sum, rs) => sum + replicasOf(rs), 0);
}

/** Sum of the available pods of ReplicaSets. */
export function totalAvailable(replicaSets: readonly ReplicaSet[]): number {
  return replicaSets.reduce((sum, rs) => sum + (rs.status?.availableReplicas ?? 0), 0);
}

/** The ReplicaSets that ask for pods. */
export function activeOnes(replicaSets: readonly ReplicaSet[]): readonly ReplicaSet[] {
  return replicaSets.filter((rs) => replicasOf(rs) > 0);
}

/** Revision number from the annotation, which has 64 bits; 0 when there is none. */
export function revisionOf(object: Deployment | ReplicaSet): bigint {
  const text = object.metadata?.annotations?.[REVISION] ?? '';
  return /^-?\d{1,19}$/.test(text) ? BigInt(text) : 0n;
}

/** Whether the Deployment rolls (and doesn't recreate). */
export function isRolling(deployment: Deployment): boolean {
  return deployment.spec?.strategy?.type !== 'Recreate';
}

function scaled(value: IntOrString | undefined, total: number, rounding: 'up' | 'down'): number {
  const result = scaledValue(value ?? 0, total, rounding);
  return result.ok ? result.value : 0;
}

/** How many pods more than asked for, and how many fewer, a rollout may have. Both 0 makes the latter 1. */
export function fenceposts(deployment: Deployment): { readonly surge: number; readonly unavailable: number } {
  const replicas = replicasOf(deployment);
  const rolling = deployment.spec?.strategy?.rollingUpdate;
  if (!isRolling(deployment) || replicas === 0) return { surge: 0, unavailable: 0 };
  const surge = scaled(rolling?.maxSurge, replicas, 'up');
  const unavailable = scaled(rolling?.maxUnavailable, replicas, 'down');
  if (surge === 0 && unavailable === 0) return { surge, unavailable: 1 };
  return { surge, unavailable: Math.min(unavailable, replicas) };
}

/** The template without the label that the controller adds. */
function bare(template: PodTemplateSpec | undefined): object {
  const { [HASH_LABEL]: _, ...labels } = template?.metadata?.labels ?? {};
  return { ...template, metadata: { ...template?.metadata, labels } };
}

/** The ReplicaSet whose template is the Deployment's; the oldest of several, as upstream. */
export function findNewReplicaSet(deployment: Deployment, owned: readonly ReplicaSet[]): ReplicaSet | undefined {
  const wanted = bare(deployment.spec?.template);
  return [...owned].sort(byAge).find((rs) => semanticEqual(bare(rs.spec?.template), wanted));
}
