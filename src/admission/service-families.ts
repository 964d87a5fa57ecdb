import { isIpAddress } from '../kinds/ip-address.ts';
import type { ServiceSpec, Sparse } from '../kinds/types.ts';
import type { FieldError } from '../machinery/field-error.ts';
import { index, invalidValue } from '../machinery/field-path.ts';

type Spec = Sparse<ServiceSpec>;

const POLICY = 'spec.ipFamilyPolicy';
const MULTIPLE = "must be 'RequireDualStack' or 'PreferDualStack' when multiple";

/** Whether a Service asks for no address of its own. */
export function isHeadless(spec: Spec): boolean {
  return spec.clusterIP === 'None' || spec.clusterIPs?.[0] === 'None';
}

/** `ValidateServiceClusterIPsRelatedFields` as far as allocation relies on it. */
function validateAgreement(spec: Spec): readonly FieldError[] {
  const { clusterIP, clusterIPs = [] } = spec;
  if (clusterIPs.length === 0) return [];
  if (!clusterIP) {
    return [invalidValue('spec.clusterIPs', clusterIPs, 'must be empty when `clusterIP` is not specified')];
  }
  if (clusterIPs[0] === clusterIP) return [];
  return [invalidValue('spec.clusterIPs', clusterIPs, 'first value must match `clusterIP`')];
}

function validateSingleStack(spec: Spec): readonly FieldError[] {
  if (spec.ipFamilyPolicy !== 'SingleStack') return [];
  const refuse = (what: string) => invalidValue(POLICY, spec.ipFamilyPolicy, `${MULTIPLE} ${what} are specified`);
  return [
    ...((spec.clusterIPs ?? []).length > 1 ? [refuse('cluster IPs')] : []),
    ...((spec.ipFamilies ?? []).length > 1 ? [refuse('IP families')] : []),
  ];
}

function validateAddressFamilies(spec: Spec): readonly FieldError[] {
  const { clusterIPs = [], ipFamilies = [] } = spec;
  return clusterIPs.flatMap((ip, position) => {
    const isIpv6 = ip.includes(':') && isIpAddress(ip).length === 0;
    if (!isIpv6 || position < ipFamilies.length) return [];
    return [invalidValue(index('spec.clusterIPs', position), clusterIPs, 'IPv6 is not configured on this cluster')];
  });
}

function validateConfigured(spec: Spec): readonly FieldError[] {
  const path = 'spec.ipFamilies';
  return [
    ...(spec.ipFamilyPolicy === 'RequireDualStack'
      ? [invalidValue(POLICY, spec.ipFamilyPolicy, 'this cluster is not configured for dual-stack services')]
      : []),
    ...(spec.ipFamilies ?? []).flatMap((family, position) =>
      family === 'IPv4' ? [] : [invalidValue(index(path, position), family, 'not configured on this cluster')],
    ),
  ];
}

function bothFamilies(spec: Spec): readonly string[] {
  const families = spec.ipFamilies?.length ? spec.ipFamilies : ['IPv4'];
  if (families.length > 1 || spec.ipFamilyPolicy === 'SingleStack') return families;
  return [...families, families[0] === 'IPv4' ? 'IPv6' : 'IPv4'];
}

/**
 * `initIPFamilyFields` on a host whose Services have IPv4 addresses: policy and families filled in, or findings.
 * Headless Services without a selector may name families that aren't there.
 */
export function initFamilies(spec: Spec, old: Spec | undefined): Spec | readonly FieldError[] {
  const free = isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0;
  const policy = spec.ipFamilyPolicy ?? old?.ipFamilyPolicy ?? (free ? 'RequireDualStack' : 'SingleStack');
  const decided: Spec = { ...spec, ipFamilyPolicy: policy };
  const agreement = validateAgreement(decided);
  if (agreement.length > 0) return agreement;
  const errors = [...validateSingleStack(decided), ...validateAddressFamilies(decided)];
  if (errors.length > 0) return errors;
  if (free) return { ...decided, ipFamilies: bothFamilies(decided) };
  const unconfigured = validateConfigured(decided);
  if (unconfigured.length > 0) return unconfigured;
  return { ...decided, ipFamilies: decided.ipFamilies?.length ? decided.ipFamilies : ['IPv4'] };
}
