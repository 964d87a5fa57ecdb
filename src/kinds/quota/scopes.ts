import type { KubernetesObject } from '../../machinery/object.ts';
import { podQosClass } from '../pod-spec/qos.ts';
import type { Pod, ResourceQuota } from '../types.ts';

type Requirement = NonNullable<
  NonNullable<NonNullable<ResourceQuota['spec']>['scopeSelector']>['matchExpressions']
>[number];

/** Every scope of a quota, the plain ones as selectors. */
function requirementsOf({ spec }: ResourceQuota): readonly Requirement[] {
  const plain = (spec?.scopes ?? []).map((scopeName) => ({ scopeName, operator: 'Exists' }));
  return [...plain, ...(spec?.scopeSelector?.matchExpressions ?? [])];
}

function hasPriority(pod: Pod, { operator, values = [] }: Requirement): boolean {
  const name = pod.spec?.priorityClassName ?? '';
  switch (operator) {
    case 'In':
      return values.includes(name);
    case 'NotIn':
      return !values.includes(name);
    case 'DoesNotExist':
      return name === '';
    default:
      return name !== '';
  }
}

function crossesNamespaces({ spec }: Pod): boolean {
  const { podAffinity, podAntiAffinity } = spec?.affinity ?? {};
  const terms = [podAffinity, podAntiAffinity].flatMap((affinity) => [
    ...(affinity?.requiredDuringSchedulingIgnoredDuringExecution ?? []),
    ...(affinity?.preferredDuringSchedulingIgnoredDuringExecution ?? []).map((term) => term.podAffinityTerm),
  ]);
  return terms.some((term) => (term.namespaces ?? []).length > 0 || term.namespaceSelector !== undefined);
}

function matches(pod: Pod, requirement: Requirement): boolean {
  const terminating = (pod.spec?.activeDeadlineSeconds ?? -1) >= 0;
  const bestEffort = podQosClass(pod.spec) === 'BestEffort';
  switch (requirement.scopeName) {
    case 'Terminating':
      return terminating;
    case 'NotTerminating':
      return !terminating;
    case 'BestEffort':
      return bestEffort;
    case 'NotBestEffort':
      return !bestEffort;
    case 'PriorityClass':
      return hasPriority(pod, requirement);
    case 'CrossNamespacePodAffinity':
      return crossesNamespaces(pod);
    default:
      return false;
  }
}

/** Whether a quota is about an object. Quotas with scopes are about pods only. */
export function isInScope(quota: ResourceQuota, resource: string, object: KubernetesObject): boolean {
  const requirements = requirementsOf(quota);
  if (requirements.length === 0) return true;
  return resource === '/pods' && requirements.every((requirement) => matches(object as Pod, requirement));
}
