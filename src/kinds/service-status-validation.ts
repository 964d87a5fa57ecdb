import { child, forbiddenField, index, invalidValue, notSupported, required } from '../machinery/field-path.ts';
import { isDns1123Subdomain } from '../machinery/names.ts';
import { isIpAddress } from './ip-address.ts';
import type { Draft, LoadBalancerStatus, Service, Sparse } from './types.ts';
import { type Findings, validateName } from './validation.ts';

type Ingress = NonNullable<Sparse<LoadBalancerStatus>['ingress']>[number];

const PATH = 'status.loadBalancer.ingress';
const MODES = ['Proxy', 'VIP'];

function validateMode({ ip, ipMode }: Ingress, field: string): Findings {
  if (ipMode === undefined) return ip ? [required(field, 'must be specified when `ip` is set')] : [];
  if (!ip) return [forbiddenField(field, 'may not be specified when `ip` is not set')];
  return MODES.includes(ipMode) ? [] : [notSupported(field, ipMode, MODES)];
}

function validateHostname(hostname: string, field: string): Findings {
  const isAddress = isIpAddress(hostname).length === 0;
  return [
    ...validateName(isDns1123Subdomain, hostname, field),
    ...(isAddress ? [invalidValue(field, hostname, 'must be a DNS name, not an IP address')] : []),
  ];
}

function validateIngress(ingress: Ingress, path: string): Findings {
  const { ip, hostname } = ingress;
  return [
    ...(ip ? validateName(isIpAddress, ip, child(path, 'ip')) : []),
    ...validateMode(ingress, child(path, 'ipMode')),
    ...(hostname ? validateHostname(hostname, child(path, 'hostname')) : []),
  ];
}

/** `ValidateLoadBalancerStatus`, for a Service that is one; status is left alone when the type changes. */
export function validateServiceStatus({ spec, status }: Draft<Service>, old: Draft<Service>): Findings {
  const ingress = status?.loadBalancer?.ingress ?? [];
  if (spec?.type === 'LoadBalancer') return ingress.flatMap((each, at) => validateIngress(each, index(PATH, at)));
  const unchanged = JSON.stringify(ingress) === JSON.stringify(old.status?.loadBalancer?.ingress ?? []);
  if (ingress.length === 0 || unchanged) return [];
  return [forbiddenField(PATH, "may only be used when `spec.type` is 'LoadBalancer'")];
}
