import type { Route } from '../../kinds/openshift/route-types.ts';
import type { EndpointSlice, Ingress, IngressClass, Node, Secret, Service } from '../../kinds/types.ts';
import type { Registry } from '../../registry/registry.ts';
import { kindOf, type Resource, resourceOf } from '../resources.ts';

/** The kinds that the router is about. */
export interface RouterResources {
  readonly routes: Resource<Route>;
  readonly ingresses: Resource<Ingress>;
  readonly classes: Resource<IngressClass>;
  readonly services: Resource<Service>;
  readonly slices: Resource<EndpointSlice>;
  readonly secrets: Resource<Secret>;
  readonly nodes: Resource<Node>;
}

/** Access to them. */
export function routerResources(registry: Registry): RouterResources {
  return {
    routes: resourceOf(registry, kindOf(registry, 'route.openshift.io/routes')),
    ingresses: resourceOf(registry, kindOf(registry, 'networking.k8s.io/ingresses')),
    classes: resourceOf(registry, kindOf(registry, 'networking.k8s.io/ingressclasses')),
    services: resourceOf(registry, kindOf(registry, '/services')),
    slices: resourceOf(registry, kindOf(registry, 'discovery.k8s.io/endpointslices')),
    secrets: resourceOf(registry, kindOf(registry, '/secrets')),
    nodes: resourceOf(registry, kindOf(registry, '/nodes')),
  };
}

/** What the router follows. */
export const ROUTER_INPUTS = [
  'route.openshift.io/routes',
  'networking.k8s.io/ingresses',
  'networking.k8s.io/ingressclasses',
  '/services',
  'discovery.k8s.io/endpointslices',
  '/secrets',
  '/nodes',
  // They give and take the right to show the certificates of Secrets.
  ...['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings'].map(
    (name) => `rbac.authorization.k8s.io/${name}`,
  ),
];
