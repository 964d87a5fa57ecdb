import type { Amounts } from '../../kinds/quota/amounts.ts';
import type { Namespace, Node, Pod, PodDisruptionBudget } from '../../kinds/types.ts';
import type { PodVolumes } from '../volumes/plan-pod-volumes.ts';

/** What pods hold of a node, without the pod that is placed. */
export interface NodeLoad {
  readonly count: number;
  readonly held: Amounts;
  /** Those with ports of the host. */
  readonly withPorts: readonly Pod[];
  /** Those that keep others away. */
  readonly repelling: readonly Pod[];
}

/** What a pod's placement depends on beside the pod. */
export interface SchedulingSnapshot {
  readonly node: Node;
  /** What pods hold of the node; also those that a preemption has made room for. */
  readonly load: NodeLoad;
  /** These pods. Looked for where they have to be looked at one by one. */
  readonly bound: () => readonly Pod[];
  /** For affinity terms that choose namespaces by their labels. */
  readonly findNamespace?: (name: string) => Namespace | undefined;
  /** What is known of the pod's volumes; absent when it has none that need a place. */
  readonly volumes?: PodVolumes | undefined;
  /** What preemption spares if it can. */
  readonly budgets?: readonly PodDisruptionBudget[];
}

/** Why a pod doesn't fit. */
export interface Obstacle {
  /** Upstream's words. */
  readonly reason: string;
  /** Whether fewer pods on the node could help. */
  readonly resolvable: boolean;
}
