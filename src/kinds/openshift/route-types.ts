import type { KubernetesObject } from '../../machinery/object.ts';

/** A Service that a route sends traffic to, with its share of 0 to 256. */
export interface RouteTarget {
  readonly kind?: string;
  readonly name?: string;
  readonly weight?: number;
}

/** How a route's connections are encrypted. */
export interface RouteTls {
  /** `edge`, `passthrough` or `reencrypt`. */
  readonly termination?: string;
  readonly certificate?: string;
  readonly key?: string;
  readonly caCertificate?: string;
  readonly destinationCACertificate?: string;
  readonly externalCertificate?: { readonly name?: string };
  /** `None`, `Allow` or `Redirect`. */
  readonly insecureEdgeTerminationPolicy?: string;
}

/** What is done to a header. */
export interface RouteHeader {
  readonly name?: string;
  readonly action?: { readonly type?: string; readonly set?: { readonly value?: string } };
}

/** `spec` of a Route. */
export interface RouteSpec {
  readonly host?: string;
  readonly subdomain?: string;
  readonly path?: string;
  readonly to?: RouteTarget;
  readonly alternateBackends?: readonly RouteTarget[];
  readonly port?: { readonly targetPort?: number | string };
  readonly tls?: RouteTls;
  /** `None` or `Subdomain`. */
  readonly wildcardPolicy?: string;
  readonly httpHeaders?: {
    readonly actions?: { readonly request?: readonly RouteHeader[]; readonly response?: readonly RouteHeader[] };
  };
}

/** What a router says about a route. */
export interface RouteIngress {
  readonly host?: string;
  readonly routerName?: string;
  readonly routerCanonicalHostname?: string;
  readonly wildcardPolicy?: string;
  readonly conditions?: readonly {
    readonly type?: string;
    readonly status?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly lastTransitionTime?: string;
  }[];
}

/** route.openshift.io/v1 Route. */
export interface Route extends KubernetesObject {
  readonly spec?: RouteSpec;
  readonly status?: { readonly ingress?: readonly RouteIngress[] };
}
