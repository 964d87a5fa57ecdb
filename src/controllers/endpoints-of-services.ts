import type { Endpoints, Pod, Service } from '../kinds/types.ts';
import { semanticEqual } from '../machinery/deep.ts';
import type { Registry } from '../registry/registry.ts';
import type { Controller } from './controller.ts';
import { subsetsOfPods } from './endpoints/subsets.ts';
import { isDeleting, nameOf, namespaceOf, objectKey, splitKey } from './meta.ts';
import { kindOf, type Resource, resourceOf } from './resources.ts';
import { createUnlessThere } from './service-account-defaults.ts';
import { endpointLabels, hasSelector, selectedPods, selectingServices } from './service-pods.ts';

const MANAGED_BY = 'endpoints.kubernetes.io/managed-by';
const MANAGER = 'endpoint-controller';

/** The Endpoints that a Service with a selector has. Pure. */
export function endpointsOf(service: Service, pods: readonly Pod[]): Endpoints {
  const metadata = {
    name: nameOf(service),
    namespace: namespaceOf(service),
    labels: { ...endpointLabels(service), [MANAGED_BY]: MANAGER },
  };
  const subsets = subsetsOfPods(service, pods);
  return { metadata: metadata as Endpoints['metadata'], ...(subsets.length > 0 ? { subsets } : {}) };
}

/** Whether the stored object says what is wanted. Pure. */
function isTrue(stored: Endpoints, wanted: Endpoints): boolean {
  const facts = ({ metadata, subsets = [] }: Endpoints) => [metadata?.labels ?? {}, subsets];
  return semanticEqual(facts(stored), facts(wanted));
}

function withFacts(stored: Endpoints, { metadata, subsets }: Endpoints): Endpoints {
  const { subsets: _, ...rest } = stored;
  const labels = { ...stored.metadata, labels: metadata?.labels } as Endpoints['metadata'];
  return { ...rest, metadata: labels, ...(subsets ? { subsets } : {}) };
}

/** A Service that is gone takes its Endpoints with it, whoever made them. At start only ours are known to be left over. */
function isLeftOver(stored: Endpoints, wasThere: boolean): boolean {
  return wasThere || stored.metadata?.labels?.[MANAGED_BY] === MANAGER;
}

/**
 * The Endpoints of Services with a selector, as kube-controller-manager's endpoints controller keeps them: what clients
 * knew before there were EndpointSlices.
 */
export function endpointsOfServicesController(registry: Registry): Controller {
  const services: Resource<Service> = resourceOf(registry, kindOf(registry, '/services'));
  const pods: Resource<Pod> = resourceOf(registry, kindOf(registry, '/pods'));
  const endpoints: Resource<Endpoints> = resourceOf(registry, kindOf(registry, '/endpoints'));
  // Services seen leaving; a hint only: who restarts meanwhile keeps hand-made Endpoints, as upstream.
  const gone = new Set<string>();
  const keep = async (wanted: Endpoints): Promise<void> => {
    const stored = endpoints.find(namespaceOf(wanted), nameOf(wanted));
    if (stored === undefined) return createUnlessThere(() => endpoints.create(wanted));
    if (!isTrue(stored, wanted)) await endpoints.modify(stored, (now) => withFacts(now, wanted));
  };
  return {
    name: 'endpoints-of-services',
    inputs: [
      {
        resource: '/services',
        keys: ({ type, entry }) => {
          const key = objectKey(entry.object);
          if (type === 'DELETED') gone.add(key);
          return [key];
        },
      },
      { resource: '/pods', keys: (change) => selectingServices(services, change) },
      { resource: '/endpoints', keys: ({ entry }) => [objectKey(entry.object)] },
    ],
    outputs: [{ what: '/endpoints of pods', mode: 'exclusive' }],
    reconcile: async (key) => {
      const { namespace, name } = splitKey(key);
      const wasThere = gone.delete(key);
      const service = services.find(namespace, name);
      if (service === undefined) {
        const stored = endpoints.find(namespace, name);
        if (stored && isLeftOver(stored, wasThere)) await endpoints.delete(stored);
      } else if (hasSelector(service) && service.spec?.type !== 'ExternalName' && !isDeleting(service)) {
        await keep(endpointsOf(service, selectedPods(service, pods)));
      }
      return undefined;
    },
  };
}
