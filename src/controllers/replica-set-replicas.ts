import type { ReplicaSet } from '../kinds/types.ts';
import type { Controller } from './controller.ts';
import { type ReplicasKind, type ReplicasOptions, replicasController } from './workloads/replicas.ts';

const replicaSets: ReplicasKind<ReplicaSet> = {
  name: 'replica-set-replicas',
  input: 'apps/replicasets',
  component: 'replicaset-controller',
  type: { apiVersion: 'apps/v1', kind: 'ReplicaSet' },
  resourceOf: (resources) => resources.replicaSets,
  asReplicaSet: (replicaSet) => replicaSet,
  withStatus: (replicaSet, status) => ({ ...replicaSet, status }),
};

/** Keeps as many pods as a ReplicaSet asks for. */
export function replicaSetReplicas(options: ReplicasOptions): Controller {
  return replicasController(replicaSets, options);
}
