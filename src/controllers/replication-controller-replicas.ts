import type { ReplicaSet, ReplicationController } from '../kinds/types.ts';
import type { Controller } from './controller.ts';
import { type ReplicasKind, type ReplicasOptions, replicasController } from './workloads/replicas.ts';

/** A ReplicationController as a ReplicaSet: only its selector is written differently. */
function asReplicaSet({ metadata, spec, status }: ReplicationController): ReplicaSet {
  const { selector, ...rest } = spec ?? {};
  return { metadata, spec: { ...rest, selector: { matchLabels: selector } }, status };
}

const replicationControllers: ReplicasKind<ReplicationController> = {
  name: 'replication-controller-replicas',
  input: '/replicationcontrollers',
  component: 'replication-controller',
  type: { apiVersion: 'v1', kind: 'ReplicationController' },
  resourceOf: (resources) => resources.replicationControllers,
  asReplicaSet,
  withStatus: (controller, { terminatingReplicas: _, ...status }) => ({ ...controller, status }),
};

/** Keeps as many pods as a ReplicationController asks for. */
export function replicationControllerReplicas(options: ReplicasOptions): Controller {
  return replicasController(replicationControllers, options);
}
