import type { Controller } from './controller.ts';
import { nameOf } from './meta.ts';
import { isStatus, type Resources } from './resources.ts';

/** Namespaces that every cluster has. */
export const SYSTEM_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'] as const;

/** Makes the namespaces that every cluster has, also when one was deleted. */
export function namespaceBootstrap({ resources }: { readonly resources: Resources }): Controller {
  return {
    name: 'namespace-bootstrap',
    inputs: [{ resource: '/namespaces', keys: (c) => (c.type === 'DELETED' ? [nameOf(c.entry.object)] : []) }],
    outputs: [{ what: '/namespaces', mode: 'exclusive' }],
    extraKeys: async () => SYSTEM_NAMESPACES,
    reconcile: async (name) => {
      const wanted = SYSTEM_NAMESPACES.some((n) => n === name);
      if (!wanted || resources.namespaces.find('', name) !== undefined) return undefined;
      try {
        await resources.namespaces.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
      } catch (error) {
        if (!isStatus(error, 'AlreadyExists')) throw error;
      }
      return undefined;
    },
  };
}
