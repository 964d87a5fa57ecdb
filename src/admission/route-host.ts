import type { Route } from '../kinds/openshift/route-types.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { type AdmissionPlugin, isAbout } from './plugin.ts';

/** Suffix of hosts that nobody chose, where the installation names none. */
export const DEFAULT_ROUTE_DOMAIN = 'router.default.svc.cluster.local';

const GENERATED = 'openshift.io/host.generated';

/** Routes without a host get one: `<name>-<namespace>.<domain>`. */
export function createRouteHost(domain: string = DEFAULT_ROUTE_DOMAIN): AdmissionPlugin {
  return {
    name: 'RouteHostAssignment',
    mutate: (request): KubernetesObject => {
      const route = request.object as Route;
      if (request.operation !== 'CREATE' || !isAbout(request, 'route.openshift.io/routes')) return route;
      if (route.spec?.host || route.spec?.subdomain) return route;
      const { name, namespace } = request.key;
      const annotations = { ...route.metadata?.annotations, [GENERATED]: 'true' };
      const spec = { ...route.spec, host: `${name}-${namespace}.${domain}` };
      return { ...route, metadata: { ...route.metadata, annotations }, spec } as Route;
    },
  };
}
