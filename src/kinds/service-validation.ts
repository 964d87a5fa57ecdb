import { forbiddenField, index, invalidValue, required } from '../machinery/field-path.ts';
import { isDns1123Subdomain, validateLabels } from '../machinery/names.ts';
import { isCidr, isIpAddress } from './ip-address.ts';
import { isExternallyAccessible } from './service-defaults.ts';
import { validateServicePorts } from './service-ports-validation.ts';
import { validateServiceStatus } from './service-status-validation.ts';
import type { Draft, Service, ServiceSpec, Sparse } from './types.ts';
import { type Findings, validateEnum, validateName } from './validation.ts';

type Spec = Sparse<ServiceSpec>;

const TYPES = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];
const MAX_AFFINITY_SECONDS = 86_400;

function isHeadless(spec: Spec): boolean {
  return spec.clusterIP === 'None' || spec.clusterIPs?.[0] === 'None';
}

function validateExternalName(spec: Spec): Findings {
  const name = (spec.externalName ?? '').replace(/\.$/, '');
  const unset = ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const;
  return [
    ...unset
      .filter((field) => (Array.isArray(spec[field]) ? spec[field].length > 0 : spec[field] !== undefined))
      .map((field) => forbiddenField(`spec.${field}`, 'may not be set for ExternalName services')),
    ...(name === '' ? [required('spec.externalName')] : validateName(isDns1123Subdomain, name, 'spec.externalName')),
  ];
}

function validateType(spec: Spec): Findings {
  const { type } = spec;
  if (type === 'ExternalName') return validateExternalName(spec);
  if ((type !== 'LoadBalancer' && type !== 'NodePort') || !isHeadless(spec)) return [];
  return [invalidValue('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${type} services`)];
}

function validateAffinity(spec: Spec): Findings {
  const found = validateEnum(spec.sessionAffinity, 'spec.sessionAffinity', ['ClientIP', 'None']);
  if (spec.sessionAffinity !== 'ClientIP') return found;
  const seconds = spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 0;
  const path = 'spec.sessionAffinityConfig.clientIP.timeoutSeconds';
  if (seconds > 0 && seconds <= MAX_AFFINITY_SECONDS) return found;
  return [...found, invalidValue(path, seconds, `must be greater than 0 and less than ${MAX_AFFINITY_SECONDS}`)];
}

function validateAddresses(spec: Spec): Findings {
  const clusterIps = spec.clusterIPs ?? (spec.clusterIP ? [spec.clusterIP] : []);
  return [
    ...clusterIps.flatMap((ip, position) =>
      ip === 'None' || ip === '' ? [] : validateName(isIpAddress, ip, index('spec.clusterIPs', position)),
    ),
    ...(spec.externalIPs ?? []).flatMap((ip, position) =>
      validateName(isIpAddress, ip, index('spec.externalIPs', position)),
    ),
    ...(spec.loadBalancerSourceRanges ?? []).flatMap((range, position) =>
      validateName(isCidr, range, index('spec.loadBalancerSourceRanges', position)),
    ),
  ];
}

function validateExternalPolicy(spec: Spec): Findings {
  const field = 'spec.externalTrafficPolicy';
  const { externalTrafficPolicy: policy } = spec;
  if (isExternallyAccessible(spec)) return validateEnum(policy, field, ['Cluster', 'Local']);
  return policy ? [invalidValue(field, policy, 'may only be set for externally-accessible services')] : [];
}

function validatePolicies(spec: Spec): Findings {
  const balancer = spec.type === 'LoadBalancer';
  const allocate = spec.allocateLoadBalancerNodePorts !== undefined && !balancer;
  const classed = spec.loadBalancerClass !== undefined && !balancer;
  return [
    ...validateExternalPolicy(spec),
    ...validateEnum(spec.internalTrafficPolicy, 'spec.internalTrafficPolicy', ['Cluster', 'Local'], 'optional'),
    ...(allocate
      ? [forbiddenField('spec.allocateLoadBalancerNodePorts', "may only be used when `type` is 'LoadBalancer'")]
      : []),
    ...(classed ? [forbiddenField('spec.loadBalancerClass', "may only be used when `type` is 'LoadBalancer'")] : []),
  ];
}

/** `ValidateService`. */
export function validateService(service: Draft<Service>): Findings {
  const spec = service.spec ?? {};
  const needsPorts = !isHeadless(spec) && spec.type !== 'ExternalName';
  return [
    ...((spec.ports ?? []).length === 0 && needsPorts ? [required('spec.ports')] : []),
    ...validateType(spec),
    ...validateServicePorts(spec),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...validateAffinity(spec),
    ...validateAddresses(spec),
    ...validateEnum(spec.type, 'spec.type', TYPES),
    ...validatePolicies(spec),
  ];
}

/** `ValidateServiceUpdate` and, for its status, `ValidateServiceStatusUpdate`. */
export function validateServiceUpdate(service: Draft<Service>, old: Draft<Service>): Findings {
  return [...validateAddressUpdate(service.spec ?? {}, old.spec ?? {}), ...validateServiceStatus(service, old)];
}

/** Addresses and families that were given stay while the Service keeps some; the second ones may come and go. */
function validateAddressUpdate(spec: Spec, before: Spec): Findings {
  if (spec.type === 'ExternalName' || before.type === 'ExternalName') return [];
  const [wasHeadless, headless] = [isHeadless(before), isHeadless(spec)];
  if (wasHeadless && headless) return [];
  const ips = validateListUpdate('clusterIPs', spec, before);
  return headless === wasHeadless ? [...ips, ...validateListUpdate('ipFamilies', spec, before)] : ips;
}

const LISTS = {
  clusterIPs: { one: 'primary clusterIP can not be unset', second: 'secondary clusterIP' },
  ipFamilies: { one: 'primary ipFamily can not be unset', second: 'secondary ipFamily' },
} as const;

/** `validateUpgradeDowngradeClusterIPs` and `validateUpgradeDowngradeIPFamilies`. */
function validateListUpdate(field: keyof typeof LISTS, spec: Spec, before: Spec): Findings {
  const [now, old] = [spec[field] ?? [], before[field] ?? []];
  const at = (position: number) => index(`spec.${field}`, position);
  if (old.length > 0 && now.length === 0) return [invalidValue(at(0), now, LISTS[field].one)];
  const shared = now.length === old.length ? now.length : Math.min(1, old.length);
  const changed = old.slice(0, shared).flatMap((each, i) => {
    return each === now[i] ? [] : [invalidValue(at(field === 'clusterIPs' ? i : 0), now, 'may not change once set')];
  });
  const released = now.length === 1 && old.length > 1 && spec.ipFamilyPolicy !== 'SingleStack';
  const detail = `must be set to 'SingleStack' when releasing the ${LISTS[field].second}`;
  return [...changed, ...(released ? [invalidValue('spec.ipFamilyPolicy', spec.ipFamilyPolicy, detail)] : [])];
}
