import { child, duplicate, index, invalidValue, notSupported } from '../../machinery/field-path.ts';
import { checkName } from '../../machinery/names.ts';
import { isIpAddress } from '../ip-address.ts';
import type { Draft, Ingress, Namespace, Node, PersistentVolumeClaim, PodDisruptionBudget } from '../types.ts';
import { type Findings, validateName } from '../validation.ts';
import { validateConditions } from './conditions.ts';
import { validateCounts } from './counts.ts';

/** `ValidateNamespaceStatusUpdate`: the phase follows from whether it is being deleted. */
export function validateNamespaceStatus(namespace: Draft<Namespace>): Findings {
  const { deletionTimestamp } = namespace.metadata ?? {};
  const phase = namespace.status?.phase || 'Active';
  const [wanted, is] = deletionTimestamp ? ['Terminating', 'is not empty'] : ['Active', 'is empty'];
  if (phase === wanted) return [];
  return [invalidValue('status.Phase', phase, `may only be '${wanted}' if \`deletionTimestamp\` ${is}`)];
}

/** The part of `ValidateNodeUpdate` about addresses: none stands twice. */
export function validateNodeStatus({ status }: Draft<Node>): Findings {
  const shown = (status?.addresses ?? []).map(({ type = '', address = '' }) => ({ Type: type, Address: address }));
  const texts = shown.map((each) => JSON.stringify(each));
  return shown.flatMap((each, at) =>
    texts.indexOf(texts[at] ?? '') < at ? [duplicate(index('status.addresses', at), each)] : [],
  );
}

/** `ValidateIngressLoadBalancerStatus`. */
export function validateIngressStatus(ingress: Draft<Ingress>, old: Draft<Ingress>): Findings {
  const known = new Set((old.status?.loadBalancer?.ingress ?? []).map(({ ip }) => ip));
  return (ingress.status?.loadBalancer?.ingress ?? []).flatMap(({ ip = '', hostname = '' }, at) => {
    const field = index('status.loadBalancer.ingress', at);
    const name = child(field, 'hostname');
    return [
      ...(ip === '' || known.has(ip) ? [] : validateName(isIpAddress, ip, child(field, 'ip'))),
      ...(hostname === '' ? [] : validateName((value) => checkName('dns-subdomain', value), hostname, name)),
      ...(isIpAddress(hostname).length === 0
        ? [invalidValue(name, hostname, 'must be a DNS name, not an IP address')]
        : []),
    ];
  });
}

const RESIZES = [
  'ControllerResizeInProgress',
  'ControllerResizeInfeasible',
  'NodeResizeInProgress',
  'NodeResizeInfeasible',
  'NodeResizePending',
];

/** The part of `ValidatePersistentVolumeClaimStatusUpdate` about how far a resize is. */
export function validateClaimStatus({ status }: Draft<PersistentVolumeClaim>): Findings {
  const field = 'status.allocatedResourceStatuses';
  // Upstream names the resource where the bad value belongs, and doesn't sort what it would take.
  return Object.entries(status?.allocatedResourceStatuses ?? {}).flatMap(([resource, state]) =>
    RESIZES.includes(state ?? '') ? [] : [notSupported(field, resource, RESIZES)],
  );
}

const budgetCounts = validateCounts({
  counts: ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'],
});

/** `ValidatePodDisruptionBudgetStatusUpdate`. */
export function validateBudgetStatus(budget: Draft<PodDisruptionBudget>, old: Draft<PodDisruptionBudget>): Findings {
  return [...validateConditions(budget.status?.conditions ?? [], 'status.conditions'), ...budgetCounts(budget, old)];
}
