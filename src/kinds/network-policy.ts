import { ageColumn, column, formatSelector, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { validateNetworkPolicy } from './network-policy-validation.ts';
import { defined } from './pod-spec/defined.ts';
import type { Draft, NetworkPolicy, Sparse } from './types.ts';

type Object = Draft<NetworkPolicy>;
type Port = NonNullable<NonNullable<NonNullable<Sparse<NetworkPolicy>['spec']>['ingress']>[number]['ports']>[number];

function withProtocols<R extends { readonly ports?: readonly Port[] }>(rules: readonly R[] | undefined) {
  return rules?.map((rule) => ({
    ...rule,
    ...defined(
      'ports',
      rule.ports?.map((port) => ({ ...port, protocol: port.protocol ?? 'TCP' })),
    ),
  }));
}

function policyTypes(spec: NonNullable<Object['spec']>): readonly string[] {
  if (spec.policyTypes && spec.policyTypes.length > 0) return spec.policyTypes;
  return ['Ingress', ...((spec.egress ?? []).length > 0 ? ['Egress'] : [])];
}

/** `SetDefaults_NetworkPolicy`. */
function applyDefaults(policy: Object): Object {
  const spec = policy.spec ?? {};
  return {
    ...policy,
    spec: {
      ...spec,
      policyTypes: policyTypes(spec),
      ...defined('ingress', withProtocols(spec.ingress)),
      ...defined('egress', withProtocols(spec.egress)),
    },
  };
}

/** networking.k8s.io/v1 NetworkPolicy. */
export const networkPolicyKind = defineKind<Object>({
  group: 'networking.k8s.io',
  kind: 'NetworkPolicy',
  plural: 'networkpolicies',
  shortNames: ['netpol'],
  tracksGeneration: true,
  support: {
    level: 'full',
    note: 'nftables sets and maps, in force without the API server. The node always reaches its pods, and they it.',
  },
  columns: [
    nameColumn,
    column('Pod-Selector', 'string', 'Which pods it is about.', (o) => formatSelector(o.spec?.podSelector ?? {})),
    ageColumn,
  ],
  defaults: applyDefaults,
  validate: validateNetworkPolicy,
});
