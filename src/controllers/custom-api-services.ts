import type { ApiService } from '../kinds/types.ts';
import type { Registry } from '../registry/registry.ts';
import { customApiServiceFor, MANAGED_LABEL } from './built-in/api-services.ts';
import type { Controller } from './controller.ts';
import { nameOf } from './meta.ts';
import { kindOf, type Resource, resourceOf } from './resources.ts';
import { createUnlessThere } from './service-account-defaults.ts';

const APISERVICES = 'apiregistration.k8s.io/apiservices';
const ALL = 'all';

function wantedOf({ catalogue }: Registry): ReadonlyMap<string, ApiService> {
  const custom = catalogue.filter((kind) => kind.custom !== undefined);
  return new Map(
    custom.map(customApiServiceFor).map(({ object }) => [nameOf(object), object as unknown as ApiService] as const),
  );
}

function isManaged({ metadata, spec }: ApiService): boolean {
  return metadata?.labels?.[MANAGED_LABEL] === 'true' && spec?.service === undefined;
}

async function ensure(apiServices: Resource<ApiService>, wanted: ApiService): Promise<void> {
  if (apiServices.find('', nameOf(wanted)) !== undefined) return;
  await createUnlessThere(() => apiServices.create(wanted));
  const stored = apiServices.find('', nameOf(wanted));
  if (stored) await apiServices.modify(stored, (now) => ({ ...now, status: wanted.status }), 'status');
}

/** Keeps an APIService for each version of a custom group that is served. */
export function customApiServices({ registry }: { readonly registry: Registry }): Controller {
  const apiServices = resourceOf<ApiService>(registry, kindOf(registry, APISERVICES));
  return {
    name: 'custom-api-services',
    inputs: [
      {
        resource: APISERVICES,
        keys: ({ entry, type }) => (type === 'DELETED' && isManaged(entry.object) ? [ALL] : []),
      },
    ],
    outputs: [{ what: `${APISERVICES} of custom groups`, mode: 'exclusive' }],
    extraKeys: async () => [ALL],
    hints: (enqueue, signal) => {
      const stop = registry.subscribeCatalogue(() => enqueue(ALL));
      signal.addEventListener('abort', stop, { once: true });
    },
    reconcile: async () => {
      const wanted = wantedOf(registry);
      for (const stored of apiServices.list()) {
        if (isManaged(stored) && !wanted.has(nameOf(stored))) await apiServices.delete(stored);
      }
      for (const each of wanted.values()) await ensure(apiServices, each);
      return undefined;
    },
  };
}
