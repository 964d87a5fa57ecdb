import { column, nameColumn, orElse } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { defined } from '../pod-spec/defined.ts';
import type { Route, RouteTarget, RouteTls } from './route-types.ts';
import { validateRoute, validateRouteUpdate } from './route-validation.ts';

const DEFAULT_WEIGHT = 100;

/** Where it is served, or why it isn't. */
function hostPort({ spec, status }: Route): string {
  const judged = (status?.ingress ?? []).map((ingress) => ({
    host: ingress.host ?? '',
    verdict: ingress.conditions?.find((condition) => condition.type === 'Admitted'),
  }));
  const admitted = judged.filter(({ verdict }) => verdict?.status === 'True');
  const rejected = judged.filter(({ verdict }) => verdict?.status === 'False');
  const host = (admitted.find((each) => each.host === spec?.host) ?? admitted[0])?.host ?? spec?.host ?? '';
  if (judged.length === 0) return host;
  if (admitted.length === 0) return rejected.at(-1)?.verdict?.reason ?? 'Pending';
  if (rejected.length > 0) return `${host} ... ${rejected.length} rejected`;
  return admitted.length > 1 ? `${host} ... ${admitted.length - 1} more` : host;
}

/** The Services, with their shares when there are several. */
function services({ spec }: Route): string {
  const targets = [spec?.to ?? {}, ...(spec?.alternateBackends ?? [])];
  const total = targets.reduce((sum, target) => sum + (target.weight ?? 0), 0);
  const shown = ({ name = '', weight }: RouteTarget): string => {
    if (weight === undefined || (targets.length === 1 && total !== 0)) return name;
    return `${name}(${total === 0 ? 0 : Math.trunc((weight * 100) / total)}%)`;
  };
  return targets.map(shown).join(',');
}

function termination({ spec }: Route): string {
  const { termination: how = '', insecureEdgeTerminationPolicy: insecure = '' } = spec?.tls ?? {};
  if (insecure === '') return how;
  return `${orElse(how, 'default')}/${insecure}`;
}

function targetDefaults(target: RouteTarget | undefined): RouteTarget {
  return { ...target, kind: target?.kind || 'Service', weight: target?.weight ?? DEFAULT_WEIGHT };
}

function tlsDefaults(tls: RouteTls | undefined): RouteTls | undefined {
  const implied = tls?.termination || tls?.destinationCACertificate ? tls.termination : 'edge';
  return tls && { ...tls, ...defined('termination', implied) };
}

/** `SetDefaults_RouteSpec` and those of its parts. */
function applyDefaults(route: Route): Route {
  const { spec = {} } = route;
  return {
    ...route,
    spec: {
      ...spec,
      to: targetDefaults(spec.to),
      ...defined('alternateBackends', spec.alternateBackends?.map(targetDefaults)),
      ...defined('tls', tlsDefaults(spec.tls)),
      wildcardPolicy: spec.wildcardPolicy || 'None',
    },
  };
}

/** route.openshift.io/v1 Route. A host is given by admission where there is none. */
export const routeKind = defineKind<Route>({
  group: 'route.openshift.io',
  kind: 'Route',
  schema: 'com.github.openshift.api.route.v1.Route',
  hasStatus: true,
  categories: ['all'],
  columns: [
    nameColumn,
    column('Host/Port', 'string', 'Where it is served.', hostPort),
    column('Path', 'string', 'Paths that it is about.', (o) => o.spec?.path ?? ''),
    column('Services', 'string', 'Where its traffic goes.', services),
    column('Port', 'string', 'Port of the Service.', (o) => String(o.spec?.port?.targetPort ?? '<all>')),
    column('Termination', 'string', 'Where encryption ends.', termination),
    column('Wildcard', 'string', 'Whether it takes the whole subdomain.', (o) => o.spec?.wildcardPolicy ?? ''),
  ],
  selectableFields: {
    'spec.host': (o) => o.spec?.host ?? '',
    'spec.path': (o) => o.spec?.path ?? '',
    'spec.to.name': (o) => o.spec?.to?.name ?? '',
  },
  defaults: applyDefaults,
  validate: validateRoute,
  validateUpdate: validateRouteUpdate,
  support: {
    level: 'partial',
    note: 'Edge, passthrough, reencrypt, paths, weights, wildcards, header actions, external certificates, the usual annotations. Health check intervals have no effect: readiness decides; reencrypt without a CA trusts only the house’s own.',
  },
});
