import { child, invalidValue, key, required } from '../machinery/field-path.ts';
import { validateEach } from './each.ts';
import { validateAmount, validateResourceName } from './pod-spec/resources-validation.ts';
import type { Draft, ResourceQuota } from './types.ts';
import { type Findings, validateImmutable } from './validation.ts';

type Object = Draft<ResourceQuota>;
type Spec = NonNullable<Object['spec']>;
type Requirement = NonNullable<NonNullable<Spec['scopeSelector']>['matchExpressions']>[number];

const COMPUTE = ['cpu', 'memory', 'ephemeral-storage'];
const OF_PODS = ['pods', ...COMPUTE, ...COMPUTE.flatMap((name) => [`requests.${name}`, `limits.${name}`])];
const OTHER =
  'requests.storage resourcequotas services replicationcontrollers secrets persistentvolumeclaims configmaps services.nodeports services.loadbalancers'.split(
    ' ',
  );
const SCOPES =
  'BestEffort NotBestEffort Terminating NotTerminating PriorityClass CrossNamespacePodAffinity VolumeAttributesClass'.split(
    ' ',
  );
const CONFLICTS = [
  ['BestEffort', 'NotBestEffort'],
  ['Terminating', 'NotTerminating'],
] as const;
/** Scopes with values; the others are there or not. */
const VALUED = ['PriorityClass', 'VolumeAttributesClass'];

function isStandard(name: string): boolean {
  return OF_PODS.includes(name) || OTHER.includes(name) || /^(requests\.)?hugepages-/.test(name);
}

/** Whether a scope makes sense for a resource. */
function suits(scope: string, resource: string): boolean {
  if (scope === 'BestEffort') return resource === 'pods';
  if (scope === 'VolumeAttributesClass')
    return resource === 'persistentvolumeclaims' || resource === 'requests.storage';
  return SCOPES.includes(scope) && OF_PODS.includes(resource);
}

function conflicting(scopes: readonly string[]): boolean {
  return CONFLICTS.some((pair) => pair.every((scope) => scopes.includes(scope)));
}

function unsuited(scopes: readonly string[], spec: Spec): readonly string[] {
  const names = Object.keys(spec.hard ?? {}).filter(isStandard);
  return scopes.flatMap((scope) => names.filter((name) => !suits(scope, name)));
}

function validateScopes(spec: Spec): Findings {
  const { scopes = [] } = spec;
  const at = (detail: string) => invalidValue('spec.scopes', scopes, detail);
  return [
    ...scopes.filter((scope) => !SCOPES.includes(scope)).map(() => at('unsupported scope')),
    ...unsuited(scopes, spec).map(() => at('unsupported scope applied to resource')),
    ...(conflicting(scopes) ? [at('conflicting scopes')] : []),
  ];
}

function validateValues({ operator = '', values = [] }: Requirement, path: string): Findings {
  const field = child(path, 'values');
  switch (operator) {
    case 'In':
    case 'NotIn':
      if (values.length > 0) return [];
      return [required(field, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")];
    case 'Exists':
    case 'DoesNotExist': {
      const detail = "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector";
      return values.length === 0 ? [] : [invalidValue(field, values, detail)];
    }
    default:
      return [invalidValue(child(path, 'operator'), operator, 'not a valid selector operator')];
  }
}

function validateRequirement(requirement: Requirement, path: string): Findings {
  const { scopeName = '', operator = '' } = requirement;
  const plain = SCOPES.includes(scopeName) && !VALUED.includes(scopeName);
  const detail =
    "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity";
  return [
    ...(SCOPES.includes(scopeName) ? [] : [invalidValue(child(path, 'scopeName'), scopeName, 'unsupported scope')]),
    ...(plain && operator !== 'Exists' ? [invalidValue(child(path, 'operator'), operator, detail)] : []),
    ...validateValues(requirement, path),
  ];
}

function validateSelector(spec: Spec): Findings {
  const { matchExpressions = [] } = spec.scopeSelector ?? {};
  const path = 'spec.scopeSelector.matchExpressions';
  const scopes = matchExpressions.map(({ scopeName = '' }) => scopeName);
  return [
    ...validateEach(matchExpressions, path, validateRequirement),
    ...unsuited(scopes, spec).map(() => invalidValue(path, scopes, 'unsupported scope applied to resource')),
    ...(conflicting(scopes) ? [invalidValue('spec.scopeSelector', scopes, 'conflicting scopes')] : []),
  ];
}

function validateHard(spec: Spec): Findings {
  return Object.entries(spec.hard ?? {}).flatMap(([name, amount]) => {
    const field = key('spec.hard', name);
    const standard = name.includes('/') || isStandard(name);
    return [
      ...validateResourceName(name, field),
      ...(standard ? [] : [invalidValue(field, name, 'must be a standard resource for quota')]),
      ...validateAmount(name, amount, field),
    ];
  });
}

/** `ValidateResourceQuota`. */
export function validateResourceQuota({ spec = {} }: Object): Findings {
  return [...validateHard(spec), ...validateScopes(spec), ...validateSelector(spec)];
}

/** `ValidateResourceQuotaUpdate`: what a quota is about stays. */
export function validateResourceQuotaUpdate(quota: Object, old: Object): Findings {
  const sorted = (object: Object) => (object.spec?.scopes ?? []).toSorted();
  return validateImmutable(sorted(quota), sorted(old), 'spec.scopes');
}
