import type { Route, RouteSpec, RouteTarget } from '../../../src/kinds/openshift/route-types.ts';
import type { Secret } from '../../../src/kinds/types.ts';
import type { HaproxyLine } from '../../formats/haproxy.ts';
import { type EndpointLookup, targetPort } from './endpoints.ts';
import { headerLines } from './header-actions.ts';
import { type Inspectors, joinAuthorities, joinPair, type PemFinding, secretPair } from './key-pairs.ts';
import { annotationLines, cookieOf, podConnectionsOf } from './route-annotations.ts';
import {
  backendId,
  type ProxyBackend,
  type ProxyRule,
  type ProxyServer,
  type ProxySite,
  type ServerTls,
} from './site.ts';
import { shareWeights } from './weights.ts';

/** What translating one object needs of the others. */
export interface SiteContext {
  readonly endpoints: EndpointLookup;
  readonly secret: (namespace: string, name: string) => Secret | undefined;
  /** Why a Secret must not be shown by a Route; undefined when it may. */
  readonly forbidden: (namespace: string, name: string) => string | undefined;
  readonly inspect: Inspectors;
  /** A short digest, for names of cookies. */
  readonly digest: (text: string) => string;
}

/** What a Route asks of the router, or why it can't be done. */
export type SiteFinding = { readonly site: ProxySite } | { readonly refusal: string };

/** `Route shop/web` */
export function routeOwner({ metadata }: Route): string {
  return `Route ${metadata?.namespace}/${metadata?.name}`;
}

/** The host as rules have it: with the wildcard policy `Subdomain` everything beside the named one, too. */
export function routeHost(host: string, { wildcardPolicy }: RouteSpec): string {
  return wildcardPolicy === 'Subdomain' ? host.replace(/^[^.]*/, '*') : host;
}

/** Translates a Route that is served at `host`. Pure. */
export function routeSite(route: Route, host: string, context: SiteContext): SiteFinding {
  const { spec = {}, metadata } = route;
  const passthrough = spec.tls?.termination === 'passthrough';
  const headers = passthrough ? [] : headerLines(spec);
  if (typeof headers === 'string') return { refusal: `spec.httpHeaders.actions: ${headers}` };
  const own = ownCertificate(route, context);
  if (own !== undefined && 'refusal' in own) return own;
  const upstream = serverTls(route, context);
  if (upstream !== undefined && 'refusal' in upstream) return upstream;
  const id = backendId('route', metadata?.namespace ?? '', metadata?.name ?? '');
  const served = routeHost(host, spec);
  const rule = ruleOf(spec, served, id);
  return {
    site: {
      owner: routeOwner(route),
      rules: [rule],
      backends: [backendOf(route, { rule, headers, tls: upstream, context })],
      certificates: own ? [{ hosts: [served], pem: own.pem }] : [],
    },
  };
}

function ruleOf({ path = '', tls }: RouteSpec, host: string, backend: string): ProxyRule {
  const policy = tls?.insecureEdgeTerminationPolicy;
  const insecure = tls === undefined || policy === 'Allow' ? 'allow' : policy === 'Redirect' ? 'redirect' : 'none';
  const secure = tls === undefined ? 'none' : tls.termination === 'passthrough' ? 'server' : 'router';
  return { host, path: path || '/', match: 'prefix', insecure, secure, backend };
}

interface BackendParts {
  readonly rule: ProxyRule;
  readonly headers: readonly HaproxyLine[];
  readonly tls: ServerTls | undefined;
  readonly context: SiteContext;
}

function backendOf(route: Route, { rule, headers, tls, context }: BackendParts): ProxyBackend {
  const { spec = {}, metadata } = route;
  const annotations = metadata?.annotations ?? {};
  const { backend: id } = rule;
  const mode = spec.tls?.termination === 'passthrough' ? 'tcp' : 'http';
  const weighted = (spec.alternateBackends ?? []).length > 0;
  const terminated = mode === 'http' && spec.tls !== undefined;
  const lines = annotationLines(annotations, { mode, path: spec.path || '/', terminated, weighted });
  return {
    id,
    mode,
    lines: [...lines, ...headers],
    cookie:
      mode === 'http' ? cookieOf(annotations, context.digest(id), terminated && rule.insecure !== 'allow') : undefined,
    serverConnections: podConnectionsOf(annotations),
    tls,
    servers: serversOf(spec, metadata?.namespace ?? '', context.endpoints),
  };
}

function serversOf(spec: RouteSpec, namespace: string, endpoints: EndpointLookup): readonly ProxyServer[] {
  const port = targetPort(spec.port?.targetPort);
  const targets = [spec.to ?? {}, ...(spec.alternateBackends ?? [])];
  const distinct = new Map(targets.map((target): [string, RouteTarget] => [target.name ?? '', target]));
  const groups = [...distinct.values()].map(({ name = '', weight = 100 }) => ({
    weight,
    servers: endpoints({ namespace, service: name, port }),
  }));
  return shareWeights(groups);
}

/** The Route's own certificate; undefined when it has none. */
function ownCertificate({ spec, metadata }: Route, context: SiteContext): PemFinding | undefined {
  const { inspect, secret, forbidden } = context;
  const { tls } = spec ?? {};
  if (!tls || tls.termination === 'passthrough') return undefined;
  const { externalCertificate, certificate = '', key = '', caCertificate = '' } = tls;
  if (externalCertificate?.name) {
    const [namespace, secretName] = [metadata?.namespace ?? '', externalCertificate.name];
    const refusal = forbidden(namespace, secretName);
    const found = refusal === undefined ? secretPair(secret(namespace, secretName), inspect.pair) : { refusal };
    return explained('spec.tls.externalCertificate', found);
  }
  if (certificate === '' && key === '') return undefined;
  // Whoever puts the key beside the certificate means the same.
  return explained(
    'spec.tls.certificate',
    joinPair(`${certificate}\n${caCertificate}`, key || certificate, inspect.pair),
  );
}

/** How the servers are spoken to, when they want TLS. Without an authority of its own it is ours, and the Service's name. */
function serverTls({ spec, metadata }: Route, { inspect }: SiteContext): ServerTls | { refusal: string } | undefined {
  const { tls, to } = spec ?? {};
  if (tls?.termination !== 'reencrypt') return undefined;
  if (!tls.destinationCACertificate) return { authority: undefined, name: `${to?.name}.${metadata?.namespace}.svc` };
  const found = explained(
    'spec.tls.destinationCACertificate',
    joinAuthorities(tls.destinationCACertificate, inspect.authorities),
  );
  return 'refusal' in found ? found : { authority: found.pem, name: undefined };
}

function explained(path: string, finding: PemFinding): PemFinding {
  return 'refusal' in finding ? { refusal: `${path}: ${finding.refusal}` } : finding;
}
