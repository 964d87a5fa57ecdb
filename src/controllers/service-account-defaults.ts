import type { Namespace } from '../kinds/types.ts';
import type { Controller, ObjectChange } from './controller.ts';
import { isDeleting, nameOf, namespaceOf } from './meta.ts';
import { isStatus, type Resources } from './resources.ts';

function namespacesOf({ entry }: ObjectChange): readonly string[] {
  return [nameOf(entry.object)];
}

/** Whether the namespace takes new objects. */
export function isOpen(namespace: Namespace | undefined): namespace is Namespace {
  return namespace !== undefined && !isDeleting(namespace);
}

/** Runs a create that somebody else may have done already, or that a vanishing namespace refuses. */
export async function createUnlessThere(create: () => Promise<unknown>): Promise<void> {
  try {
    await create();
  } catch (error) {
    const fine = ['AlreadyExists', 'NotFound', 'Forbidden'].some((reason) => isStatus(error, reason));
    if (!fine) throw error;
  }
}

/** Gives every namespace its ServiceAccount `default`. */
export function serviceAccountDefaults({ resources }: { readonly resources: Resources }): Controller {
  return {
    name: 'service-account-defaults',
    inputs: [
      { resource: '/namespaces', keys: namespacesOf },
      {
        resource: '/serviceaccounts',
        keys: ({ type, entry }) => (type === 'DELETED' ? [namespaceOf(entry.object)] : []),
      },
    ],
    outputs: [{ what: '/serviceaccounts', mode: 'exclusive' }],
    reconcile: async (namespace) => {
      if (!isOpen(resources.namespaces.find('', namespace))) return undefined;
      if (resources.serviceAccounts.find(namespace, 'default') !== undefined) return undefined;
      await createUnlessThere(() => resources.serviceAccounts.create({ metadata: { name: 'default', namespace } }));
      return undefined;
    },
  };
}
