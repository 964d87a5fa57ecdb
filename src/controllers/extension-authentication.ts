import type { ConfigMap } from '../kinds/types.ts';
import { semanticEqual } from '../machinery/deep.ts';
import type { Registry } from '../registry/registry.ts';
import type { Controller } from './controller.ts';
import { nameOf, namespaceOf } from './meta.ts';
import { kindOf, resourceOf } from './resources.ts';
import { createUnlessThere } from './service-account-defaults.ts';

const NAMESPACE = 'kube-system';
const NAME = 'extension-apiserver-authentication';

/** What extension API servers have to know to believe us. */
export interface ExtensionAuthenticationOptions {
  readonly registry: Registry;
  /** PEM of the authority of client certificates. */
  readonly clientCa: string;
  /** PEM of the authority of the front proxy. */
  readonly frontProxyCa: string;
  /** Name of the front proxy's certificate. */
  readonly frontProxyName: string;
}

/** Keeps the ConfigMap by which extension API servers authenticate clients and us. */
export function extensionAuthentication(options: ExtensionAuthenticationOptions): Controller {
  const configMaps = resourceOf<ConfigMap>(options.registry, kindOf(options.registry, '/configmaps'));
  const data = {
    'client-ca-file': options.clientCa,
    'requestheader-allowed-names': JSON.stringify([options.frontProxyName]),
    'requestheader-client-ca-file': options.frontProxyCa,
    'requestheader-extra-headers-prefix': '["X-Remote-Extra-"]',
    'requestheader-group-headers': '["X-Remote-Group"]',
    'requestheader-uid-headers': '["X-Remote-Uid"]',
    'requestheader-username-headers': '["X-Remote-User"]',
  };
  return {
    name: 'extension-authentication',
    inputs: [
      {
        resource: '/configmaps',
        keys: ({ entry: { object } }) => (namespaceOf(object) === NAMESPACE && nameOf(object) === NAME ? [NAME] : []),
      },
      { resource: '/namespaces', keys: ({ entry }) => (nameOf(entry.object) === NAMESPACE ? [NAME] : []) },
    ],
    outputs: [{ what: `/configmaps ${NAME}`, mode: 'exclusive' }],
    extraKeys: async () => [NAME],
    reconcile: async () => {
      const metadata = { namespace: NAMESPACE, name: NAME };
      const stored = configMaps.find(NAMESPACE, NAME);
      if (stored === undefined) await createUnlessThere(() => configMaps.create({ metadata, data }));
      else if (!semanticEqual(stored.data, data)) await configMaps.modify(stored, (now) => ({ ...now, data }));
      return undefined;
    },
  };
}
