import type { Route } from '../../../src/kinds/openshift/route-types.ts';
import type { EndpointSlice, Ingress, IngressClass, Service } from '../../../src/kinds/types.ts';
import { type Claimant, refuseClaims } from './claims.ts';
import { endpointLookup } from './endpoints.ts';
import { ingressOwner, ingressPlaces, ingressSite } from './ingress-site.ts';
import { routeHost, routeOwner, routeSite, type SiteContext } from './route-site.ts';
import type { ProxySite } from './site.ts';

/** Controller of the IngressClasses that this router serves. */
export const INGRESS_CONTROLLER = 'quadshift.io/router';
/** The class that there always is. */
export const INGRESS_CLASS = 'quadshift';

/** Objects that the router depends on. */
export interface ProxySnapshot {
  readonly routes: readonly Route[];
  readonly ingresses: readonly Ingress[];
  readonly classes: readonly IngressClass[];
  readonly services: readonly Service[];
  readonly slices: readonly EndpointSlice[];
  readonly secret: SiteContext['secret'];
  readonly forbidden: SiteContext['forbidden'];
}

/** Why something isn't served. */
export interface Refusal {
  readonly reason: 'HostAlreadyClaimed' | 'ExtendedValidationFailed';
  readonly message: string;
}

/** What the objects ask of the router. */
export interface SiteFindings {
  /** Oldest first. */
  readonly sites: readonly ProxySite[];
  /** By owner; Routes and Ingresses. */
  readonly refusals: ReadonlyMap<string, Refusal>;
  /** What of a served Ingress can't be done, by owner. */
  readonly complaints: ReadonlyMap<string, readonly string[]>;
  /** Ingresses of our classes, served or not. */
  readonly ours: readonly Ingress[];
}

/** The host of a Route: chosen, below the router's domain, or generated when admission was not asked. */
export function hostOf({ spec, metadata }: Route, domain: string): string {
  const chosen = spec?.host || (spec?.subdomain ? `${spec.subdomain}.${domain}` : '');
  return (chosen || `${metadata?.name}-${metadata?.namespace}.${domain}`).toLowerCase();
}

/** What the judgement depends on besides objects. */
export type SiteOptions = Pick<SiteContext, 'inspect' | 'digest'> & { readonly domain: string };

/** Judges claims and translates each object by itself: what is wrong with one harms no other. Pure. */
export function proxySites(snapshot: ProxySnapshot, options: SiteOptions): SiteFindings {
  const { routes, classes } = snapshot;
  const ours = snapshot.ingresses.filter((ingress) => isServed(ingress, classes));
  const claims = refuseClaims([...routes.map((route) => routeClaim(route, options.domain)), ...ours.map(ingressClaim)]);
  const refusals = new Map<string, Refusal>();
  for (const [owner, message] of claims) refusals.set(owner, { reason: 'HostAlreadyClaimed', message });
  const complaints = new Map<string, readonly string[]>();
  const sites: ProxySite[] = [];
  const contextOf = contexts(snapshot, options);
  for (const route of oldestFirst(routes.filter((each) => !refusals.has(routeOwner(each))))) {
    const host = hostOf(route, options.domain);
    const found = routeSite(route, host, contextOf(isAdmitted(route, host)));
    if ('site' in found) sites.push(found.site);
    else refusals.set(routeOwner(route), { reason: 'ExtendedValidationFailed', message: found.refusal });
  }
  for (const ingress of oldestFirst(ours.filter((each) => !refusals.has(ingressOwner(each))))) {
    const found = ingressSite(ingress, contextOf(hasAddress(ingress)));
    sites.push(found.site);
    if (found.complaints.length > 0) complaints.set(found.site.owner, found.complaints);
  }
  return { sites, refusals, complaints, ours };
}

/** What is served already is judged less strictly. */
function contexts(
  { services, slices, secret, forbidden }: ProxySnapshot,
  options: SiteOptions,
): (isLive: boolean) => SiteContext {
  const context = { ...options, secret, forbidden, endpoints: endpointLookup(services, slices) };
  const live = { ...context, inspect: { ...options.inspect, pair: options.inspect.livePair } };
  return (isLive) => (isLive ? live : context);
}

function isServed({ spec, metadata }: Ingress, classes: readonly IngressClass[]): boolean {
  const name = spec?.ingressClassName ?? metadata?.annotations?.['kubernetes.io/ingress.class'];
  return classes.some((each) => each.metadata?.name === name && each.spec?.controller === INGRESS_CONTROLLER);
}

function routeClaim(route: Route, domain: string): Claimant {
  const host = routeHost(hostOf(route, domain), route.spec ?? {});
  const path = (route.spec?.path ?? '').replace(/\/+$/, '');
  return {
    ...identityOf(route),
    owner: routeOwner(route),
    kind: 'Route',
    admitted: isAdmitted(route, hostOf(route, domain)),
    wants: [{ host, path }],
  };
}

function ingressClaim(ingress: Ingress): Claimant {
  return {
    ...identityOf(ingress),
    owner: ingressOwner(ingress),
    kind: 'Ingress',
    admitted: hasAddress(ingress),
    wants: ingressPlaces(ingress),
  };
}

function isAdmitted({ status }: Route, host: string): boolean {
  const [entry] = (status?.ingress ?? []).filter((each) => each.routerName === 'default' && each.host === host);
  return (entry?.conditions ?? []).some(({ type, status: verdict }) => type === 'Admitted' && verdict === 'True');
}

function hasAddress({ status }: Ingress): boolean {
  return (status?.loadBalancer?.ingress ?? []).length > 0;
}

function identityOf({ metadata }: Route | Ingress): Pick<Claimant, 'namespace' | 'name' | 'created'> {
  const { namespace = '', name = '', creationTimestamp = '' } = metadata ?? {};
  return { namespace, name, created: String(creationTimestamp) };
}

function oldestFirst<T extends Route | Ingress>(objects: readonly T[]): readonly T[] {
  const age = (each: T): string =>
    `${each.metadata?.creationTimestamp} ${each.metadata?.namespace}/${each.metadata?.name}`;
  return [...objects].sort((a, b) => (age(a) < age(b) ? -1 : 1));
}
