import type { Ingress, Sparse } from '../../../src/kinds/types.ts';
import { servicePort } from './endpoints.ts';
import { secretPair } from './key-pairs.ts';
import { annotationLines, cookieOf, podConnectionsOf } from './route-annotations.ts';
import type { SiteContext } from './route-site.ts';
import { backendId, type ProxyBackend, type ProxyCertificate, type ProxyRule, type ProxySite } from './site.ts';
import { shareWeights } from './weights.ts';

type Spec = Sparse<NonNullable<Ingress['spec']>>;
type Backend = NonNullable<Spec['defaultBackend']>;
interface Place {
  readonly host: string;
  readonly path: string;
  readonly match: 'exact' | 'prefix';
  readonly to: Backend | undefined;
}

/** An Ingress as the router serves it, and what of it can't be done. */
export interface IngressFinding {
  readonly site: ProxySite;
  /** Certificates that can't be used: the router's own stands in. */
  readonly complaints: readonly string[];
}

/** `Ingress shop/web` */
export function ingressOwner({ metadata }: Ingress): string {
  return `Ingress ${metadata?.namespace}/${metadata?.name}`;
}

/** Hosts and paths that an Ingress names; `*` is every host. */
export function ingressPlaces({ spec }: Ingress): readonly Place[] {
  const { rules = [], defaultBackend } = (spec ?? {}) as Spec;
  const named = rules.flatMap(({ host, http }) =>
    (http?.paths ?? []).map(({ path, pathType, backend }) => ({
      host: host?.toLowerCase() || '*',
      path: path || '/',
      match: pathType === 'Exact' ? ('exact' as const) : ('prefix' as const),
      to: backend as Backend | undefined,
    })),
  );
  // A rule without paths sends all of its host to the default.
  const bare = rules.filter((rule) => rule.host && !rule.http?.paths?.length).map((rule) => rule.host ?? '');
  const hosts = defaultBackend ? [...new Set([...named.map(({ host }) => host), ...bare, '*'])] : [];
  return [...named, ...hosts.map((host) => ({ host, path: '/', match: 'prefix' as const, to: defaultBackend }))];
}

/** Translates an Ingress. Pure. Hosts with TLS redirect what comes without, as OpenShift's router does. */
export function ingressSite(ingress: Ingress, context: SiteContext): IngressFinding {
  const places = ingressPlaces(ingress);
  const { certificates, complaints } = certificatesOf(ingress, context);
  const secured = new Set(((ingress.spec?.tls ?? []) as NonNullable<Spec['tls']>).flatMap((tls) => tls.hosts ?? []));
  const everything = (ingress.spec?.tls ?? []).some((tls) => (tls.hosts ?? []).length === 0);
  const backends = new Map<string, ProxyBackend>();
  const rules = places.map(({ host, path, match, to }): ProxyRule => {
    const backend = backendOf(ingress, { to, path }, context);
    backends.set(backend.id, backend);
    const isSecure = everything || secured.has(host);
    const how = isSecure
      ? ({ insecure: 'redirect', secure: 'router' } as const)
      : ({ insecure: 'allow', secure: 'none' } as const);
    return { host, path, match, ...how, backend: backend.id };
  });
  return { site: { owner: ingressOwner(ingress), rules, backends: [...backends.values()], certificates }, complaints };
}

/** One per Service and path, as rewriting depends on the path. */
function backendOf(
  { metadata }: Ingress,
  { to, path }: { readonly to: Backend | undefined; readonly path: string },
  context: SiteContext,
): ProxyBackend {
  const { namespace = '', name = '', annotations = {} } = metadata ?? {};
  const service = to?.service?.name ?? '';
  const port = to?.service?.port ?? {};
  const rewritten = annotations['haproxy.router.openshift.io/rewrite-target'] ? [context.digest(path)] : [];
  const id = backendId('ingress', namespace, name, service, String(port.name || port.number || ''), ...rewritten);
  const servers = service === '' ? [] : context.endpoints({ namespace, service, port: servicePort(port) });
  return {
    id,
    mode: 'http',
    lines: annotationLines(annotations, { mode: 'http', path, terminated: true, weighted: false }),
    cookie: cookieOf(annotations, context.digest(id), false),
    serverConnections: podConnectionsOf(annotations),
    tls: undefined,
    servers: shareWeights([{ weight: 1, servers }]),
  };
}

function certificatesOf(
  ingress: Ingress,
  { secret, inspect }: SiteContext,
): { readonly certificates: readonly ProxyCertificate[]; readonly complaints: readonly string[] } {
  const certificates: ProxyCertificate[] = [];
  const complaints: string[] = [];
  const all = ingressPlaces(ingress)
    .map(({ host }) => host)
    .filter((host) => host !== '*');
  for (const { hosts = [], secretName } of ingress.spec?.tls ?? []) {
    if (!secretName) continue;
    const found = secretPair(secret(ingress.metadata?.namespace ?? '', secretName), inspect.pair);
    if ('refusal' in found) complaints.push(`certificate of Secret ${secretName}: ${found.refusal}`);
    else certificates.push({ hosts: hosts.length > 0 ? hosts : [...new Set(all)], pem: found.pem });
  }
  return { certificates, complaints };
}
