import { type Amounts, addAmounts } from '../../kinds/quota/amounts.ts';
import type { Pod } from '../../kinds/types.ts';
import type { ObjectChange } from '../controller.ts';
import { objectKey } from '../meta.ts';
import { isPodFinished } from '../workloads/pod-facts.ts';
import { hasHostPorts } from './host-ports.ts';
import { repels } from './pod-affinity.ts';
import { heldBy, without } from './resource-fit.ts';
import type { NodeLoad } from './snapshot.ts';

/** What these pods hold. */
export function loadOf(pods: readonly Pod[]): NodeLoad {
  return {
    count: pods.length,
    held: addAmounts(...pods.map(heldBy)),
    withPorts: pods.filter(hasHostPorts),
    repelling: pods.filter(repels),
  };
}

/** Keeps the books on a node as its pods come, change and go: a change costs itself. */
export interface NodeAccount {
  observe(change: ObjectChange): void;
  /** What is held now, with these pods beside. */
  with(others: readonly Pod[]): NodeLoad;
}

/** An account of the pods that are bound to a node and have not ended. */
export function createNodeAccount(nodeName: string): NodeAccount {
  const pods = new Map<string, Pod>();
  const [withPorts, repelling] = [new Map<string, Pod>(), new Map<string, Pod>()];
  let held: Amounts = new Map();
  const drop = (key: string): void => {
    const before = pods.get(key);
    if (before === undefined) return;
    held = without(held, heldBy(before));
    for (const shelf of [pods, withPorts, repelling]) shelf.delete(key);
  };
  const add = (key: string, pod: Pod): void => {
    held = addAmounts(held, heldBy(pod));
    pods.set(key, pod);
    if (hasHostPorts(pod)) withPorts.set(key, pod);
    if (repels(pod)) repelling.set(key, pod);
  };
  return {
    observe({ type, entry }) {
      const pod = entry.object as Pod;
      const key = objectKey(pod);
      drop(key);
      if (type !== 'DELETED' && pod.spec?.nodeName === nodeName && !isPodFinished(pod)) add(key, pod);
    },
    with(others) {
      const more = loadOf(others);
      return {
        count: pods.size + more.count,
        held: more.count === 0 ? held : addAmounts(held, more.held),
        withPorts: [...withPorts.values(), ...more.withPorts],
        repelling: [...repelling.values(), ...more.repelling],
      };
    },
  };
}
