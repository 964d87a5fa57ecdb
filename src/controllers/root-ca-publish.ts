import type { ConfigMap } from '../kinds/types.ts';
import type { Controller } from './controller.ts';
import { nameOf, namespaceOf } from './meta.ts';
import type { Resources } from './resources.ts';
import { createUnlessThere, isOpen } from './service-account-defaults.ts';

/** Name of the ConfigMap with the API server's CA that pods mount beside their token. */
export const ROOT_CA_CONFIG_MAP = 'kube-root-ca.crt';

function rootCa(namespace: string, caPem: string): ConfigMap {
  const description =
    'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';
  return {
    metadata: { name: ROOT_CA_CONFIG_MAP, namespace, annotations: { 'kubernetes.io/description': description } },
    data: { 'ca.crt': caPem },
  };
}

/** Keeps a ConfigMap with our CA in every namespace. */
export function rootCaPublish({
  resources,
  caPem,
}: {
  readonly resources: Resources;
  readonly caPem: string;
}): Controller {
  return {
    name: 'root-ca-publish',
    inputs: [
      { resource: '/namespaces', keys: ({ entry }) => [nameOf(entry.object)] },
      {
        resource: '/configmaps',
        keys: ({ entry }) => (nameOf(entry.object) === ROOT_CA_CONFIG_MAP ? [namespaceOf(entry.object)] : []),
      },
    ],
    outputs: [{ what: `/configmaps ${ROOT_CA_CONFIG_MAP}`, mode: 'exclusive' }],
    reconcile: async (namespace) => {
      if (!isOpen(resources.namespaces.find('', namespace))) return undefined;
      const wanted = rootCa(namespace, caPem);
      const stored = resources.configMaps.find(namespace, ROOT_CA_CONFIG_MAP);
      if (stored === undefined) await createUnlessThere(() => resources.configMaps.create(wanted));
      else if (stored.data?.['ca.crt'] !== caPem) {
        await resources.configMaps.modify(stored, (now) => ({ ...now, data: wanted.data }));
      }
      return undefined;
    },
  };
}
