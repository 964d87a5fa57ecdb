import { NODE_LEASES } from '../kinds/lease.ts';
import type { Lease, Node } from '../kinds/types.ts';
import { semanticEqual } from '../machinery/deep.ts';
import type { Controller } from './controller.ts';
import { nameOf, uidOf } from './meta.ts';
import type { Resources } from './resources.ts';

/** What the controller needs. */
export interface NodeLeaseOptions {
  readonly resources: Resources;
  readonly nodeName: string;
}

/** The kubelet's default. */
const DURATION_SECONDS = 40;

/** The node's lease as it is stored: without a time, which readers are told when they ask. Pure. */
export function leaseOf(node: Node): Lease {
  const name = nameOf(node);
  const owner = { apiVersion: 'v1', kind: 'Node', name, uid: uidOf(node) };
  return {
    metadata: { name, namespace: NODE_LEASES, ownerReferences: [owner] },
    spec: { holderIdentity: name, leaseDurationSeconds: DURATION_SECONDS },
  };
}

/** Keeps the node's Lease in kube-node-lease: made once, restored when somebody writes it, never renewed in the store. */
export function nodeLease({ resources, nodeName }: NodeLeaseOptions): Controller {
  return {
    name: 'node-lease',
    inputs: [
      {
        resource: '/nodes',
        keys: ({ type, entry }) => (type === 'ADDED' && nameOf(entry.object) === nodeName ? [nodeName] : []),
      },
      {
        resource: 'coordination.k8s.io/leases',
        keys: ({ entry: { object } }) =>
          object.metadata?.namespace === NODE_LEASES && nameOf(object) === nodeName ? [nodeName] : [],
      },
      { resource: '/namespaces', keys: ({ entry }) => (nameOf(entry.object) === NODE_LEASES ? [nodeName] : []) },
    ],
    outputs: [{ what: 'coordination.k8s.io/leases of this node', mode: 'exclusive' }],
    reconcile: async () => {
      const node = resources.nodes.find('', nodeName);
      if (node === undefined || resources.namespaces.find('', NODE_LEASES) === undefined) return undefined;
      const wanted = leaseOf(node);
      const stored = resources.leases.find(NODE_LEASES, nodeName);
      if (stored === undefined) {
        await resources.leases.create(wanted);
        return undefined;
      }
      const { ownerReferences } = wanted.metadata ?? {};
      const restored = (now: Lease): Lease => ({
        ...now,
        metadata: { ...now.metadata, ownerReferences },
        spec: wanted.spec,
      });
      const isChanged = !semanticEqual(restored(stored), stored);
      if (isChanged) await resources.leases.modify(stored, restored);
      return undefined;
    },
  };
}
