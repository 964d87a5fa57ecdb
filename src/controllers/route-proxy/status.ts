import { ingressOwner } from '../../../translators/host/proxy/ingress-site.ts';
import { routeOwner } from '../../../translators/host/proxy/route-site.ts';
import { hostOf, type Refusal, type SiteFindings } from '../../../translators/host/proxy/sites.ts';
import type { Route, RouteIngress } from '../../kinds/openshift/route-types.ts';
import type { Ingress } from '../../kinds/types.ts';
import { setCondition } from '../../machinery/conditions.ts';
import { semanticEqual } from '../../machinery/deep.ts';
import type { EventRecorder } from '../events.ts';
import { uidOf } from '../meta.ts';
import type { RouterResources } from './resources.ts';

/** The router's name, as OpenShift's first one is called. */
const ROUTER = 'default';

/** What statuses are made of. */
export interface StatusOptions {
  readonly domain: string;
  readonly nodeName: string;
  readonly recorder: EventRecorder;
  /** What was last said about an object, by uid: it is said once. */
  readonly complained: Map<string, string>;
  /** RFC 3339. */
  readonly now: string;
}

/** Tells each Route and Ingress how it is served. Writes only what differs. */
export async function reportStatus(
  findings: SiteFindings,
  resources: RouterResources,
  options: StatusOptions,
): Promise<void> {
  for (const route of resources.routes.list()) {
    const refusal = findings.refusals.get(routeOwner(route));
    const status = { ingress: routeIngress(route, refusal, options) };
    if (semanticEqual(status, route.status ?? {})) continue;
    await resources.routes.modify(route, (current) => ({ ...current, status }), 'status');
  }
  const addresses = nodeAddresses(resources, options.nodeName);
  for (const ingress of findings.ours) {
    const refusal = findings.refusals.get(ingressOwner(ingress));
    complain(ingress, refusal, findings.complaints.get(ingressOwner(ingress)) ?? [], options);
    const wanted = refusal === undefined ? addresses.map((ip) => ({ ip })) : [];
    if (semanticEqual(wanted, ingress.status?.loadBalancer?.ingress ?? [])) continue;
    const status = { loadBalancer: wanted.length > 0 ? { ingress: wanted } : {} };
    await resources.ingresses.modify(ingress, (current) => ({ ...current, status }), 'status');
  }
}

/** `status.ingress` with our entry as it is now; those of others stay. Pure. */
export function routeIngress(
  route: Route,
  refusal: Refusal | undefined,
  { domain, now }: Pick<StatusOptions, 'domain' | 'now'>,
): readonly RouteIngress[] {
  const entries = route.status?.ingress ?? [];
  const host = hostOf(route, domain);
  const before = entries.find(({ routerName }) => routerName === ROUTER);
  const verdict = {
    type: 'Admitted',
    status: refusal === undefined ? 'True' : 'False',
    ...(refusal === undefined ? {} : { reason: refusal.reason, message: refusal.message }),
  };
  // A message of before must not stay with a verdict that has none.
  const kept = (before?.host === host ? (before.conditions ?? []) : []).map(
    ({ type = '', status = '', lastTransitionTime }) => ({
      type,
      status,
      ...(lastTransitionTime === undefined ? {} : { lastTransitionTime }),
    }),
  );
  const entry: RouteIngress = {
    host,
    routerName: ROUTER,
    conditions: setCondition(kept, verdict, now),
    wildcardPolicy: route.spec?.wildcardPolicy ?? 'None',
    routerCanonicalHostname: `router-${ROUTER}.${domain}`,
  };
  const others = entries.filter(({ routerName }) => routerName !== ROUTER);
  return [...others, entry];
}

function nodeAddresses({ nodes }: RouterResources, nodeName: string): readonly string[] {
  const addresses = nodes.find('', nodeName)?.status?.addresses ?? [];
  return addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address);
}

/** An Ingress has no place for it in its status: an Event says it, once. */
function complain(
  ingress: Ingress,
  refusal: Refusal | undefined,
  complaints: readonly string[],
  { recorder, complained }: StatusOptions,
): void {
  const message = [...(refusal ? [refusal.message] : []), ...complaints].join('; ');
  if ((complained.get(uidOf(ingress)) ?? '') === message) return;
  if (message === '') complained.delete(uidOf(ingress));
  else complained.set(uidOf(ingress), message);
  if (message === '') return;
  const reason = refusal?.reason ?? 'InvalidCertificate';
  const about = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', ...ingress };
  recorder.record(about, { type: 'Warning', reason, message, component: 'quadshift-router' });
}
