import { ageColumn, column, nameColumn, orElse } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { validateIngress } from './ingress-validation.ts';
import { formatLoadBalancer } from './service-columns.ts';
import { validateIngressStatus } from './status/other-statuses.ts';
import type { Draft, Ingress, LoadBalancerStatus, Sparse } from './types.ts';

type Object = Draft<Ingress>;

function hosts(ingress: Object): string {
  const rules = ingress.spec?.rules ?? [];
  const named = rules.slice(0, 3).flatMap((rule) => (rule.host ? [rule.host] : []));
  if (named.length === 0) return '*';
  return rules.length > 3 ? `${named.join(',')} + ${rules.length - 3} more...` : named.join(',');
}

/** networking.k8s.io/v1 Ingress. */
export const ingressKind = defineKind<Object>({
  group: 'networking.k8s.io',
  kind: 'Ingress',
  plural: 'ingresses',
  shortNames: ['ing'],
  hasStatus: true,
  tracksGeneration: true,
  columns: [
    nameColumn,
    column('Class', 'string', 'Who serves it.', (o) => orElse(o.spec?.ingressClassName, '<none>')),
    column('Hosts', 'string', 'Host names.', hosts),
    column('Address', 'string', 'Where it is served.', (o) =>
      formatLoadBalancer(o.status?.loadBalancer as Sparse<LoadBalancerStatus> | undefined),
    ),
    column('Ports', 'string', 'Ports that it listens on.', (o) => ((o.spec?.tls ?? []).length > 0 ? '80, 443' : '80')),
    ageColumn,
  ],
  validate: validateIngress,
  validateThrough: { status: validateIngressStatus },
  support: {
    level: 'partial',
    note: 'Served directly, without a Route made of it: hosts, paths, TLS, default backend, annotations of the router. Resource backends answer 503.',
  },
});
