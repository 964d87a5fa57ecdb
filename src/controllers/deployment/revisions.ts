import type { Deployment, ReplicaSet } from '../../kinds/types.ts';
import { hashObject } from '../../machinery/deep.ts';
import { controllerReference, isDeleting, nameOf, namespaceOf } from '../meta.ts';
import {
  DESIRED_REPLICAS,
  fenceposts,
  HASH_LABEL,
  MAX_REPLICAS,
  REVISION,
  REVISION_HISTORY,
  replicasOf,
  revisionOf,
} from './rollout-facts.ts';

type Annotations = { readonly [key: string]: string };

/** Annotations of the Deployment that its ReplicaSets don't inherit. */
const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
]);

/** The two annotations about size that a ReplicaSet gets whenever it is scaled. */
export function sizeAnnotations(deployment: Deployment): Annotations {
  const replicas = replicasOf(deployment);
  return { [DESIRED_REPLICAS]: `${replicas}`, [MAX_REPLICAS]: `${replicas + fenceposts(deployment).surge}` };
}

function copied(deployment: Deployment): Annotations {
  const all = Object.entries(deployment.metadata?.annotations ?? {});
  return Object.fromEntries(all.filter(([key]) => !NOT_COPIED.has(key)));
}

function revisionAnnotations(replicaSet: ReplicaSet, revision: bigint): Annotations {
  const { [REVISION]: old, [REVISION_HISTORY]: history } = replicaSet.metadata?.annotations ?? {};
  if (old === undefined) return { [REVISION]: `${revision}` };
  if (revisionOf(replicaSet) >= revision) return { [REVISION]: old };
  return { [REVISION]: `${revision}`, [REVISION_HISTORY]: history ? `${history},${old}` : old };
}

/** The annotations that the Deployment's current ReplicaSet shall have. */
export function currentAnnotations(deployment: Deployment, replicaSet: ReplicaSet, revision: bigint): Annotations {
  return {
    ...replicaSet.metadata?.annotations,
    ...copied(deployment),
    ...revisionAnnotations(replicaSet, revision),
  };
}

/** The revision of the current ReplicaSet: one more than the greatest of the old ones. */
export function nextRevision(old: readonly ReplicaSet[]): bigint {
  const sorted = [0n, ...old.map(revisionOf)].sort((a, b) => (a < b ? -1 : 1));
  return (sorted.at(-1) ?? 0n) + 1n;
}

/** A ReplicaSet for the Deployment's template. */
export function newReplicaSet(
  deployment: Deployment,
  { revision, replicas }: { readonly revision: bigint; readonly replicas: number },
): ReplicaSet {
  const { template, selector, minReadySeconds } = deployment.spec ?? {};
  const hash = hashObject(template, deployment.status?.collisionCount);
  const labels = { ...template?.metadata?.labels, [HASH_LABEL]: hash };
  return {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: `${nameOf(deployment)}-${hash}`,
      namespace: namespaceOf(deployment),
      labels,
      annotations: { ...copied(deployment), [REVISION]: `${revision}`, ...sizeAnnotations(deployment) },
      ownerReferences: [controllerReference(deployment, { apiVersion: 'apps/v1', kind: 'Deployment' })],
    },
    spec: {
      replicas,
      minReadySeconds,
      selector: { ...selector, matchLabels: { ...selector?.matchLabels, [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...template?.metadata, labels }, spec: template?.spec },
    },
  };
}

/** The old ReplicaSets beyond revisionHistoryLimit that are empty and observed, oldest revision first. */
export function planHistoryCleanup(deployment: Deployment, old: readonly ReplicaSet[]): readonly ReplicaSet[] {
  const limit = deployment.spec?.revisionHistoryLimit ?? 10;
  const kept = old.filter((rs) => !isDeleting(rs));
  const surplus = [...kept]
    .sort((a, b) => Number(revisionOf(a) - revisionOf(b)))
    .slice(0, Math.max(0, kept.length - limit));
  return surplus.filter(
    (rs) =>
      replicasOf(rs) === 0 &&
      (rs.status?.replicas ?? 0) === 0 &&
      (rs.metadata?.generation ?? 0) <= (rs.status?.observedGeneration ?? 0),
  );
}
