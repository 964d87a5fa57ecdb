import { isIpAddress } from '../kinds/ip-address.ts';
import type { ServiceSpec, Sparse } from '../kinds/types.ts';
import type { FieldError } from '../machinery/field-error.ts';
import { duplicate, index, invalidValue, notSupported } from '../machinery/field-path.ts';
import { familyOf } from '../machinery/ip.ts';

type Spec = Sparse<ServiceSpec>;

const IPS = 'spec.clusterIPs';
const FAMILIES = ['IPv4', 'IPv6'];
const POLICIES = ['PreferDualStack', 'RequireDualStack', 'SingleStack'];

function validateAgreement({ clusterIP, clusterIPs = [] }: Spec): readonly FieldError[] {
  if (clusterIPs.length === 0) return [];
  if (!clusterIP) return [invalidValue(IPS, clusterIPs, 'must be empty when `clusterIP` is not specified')];
  return clusterIPs[0] === clusterIP ? [] : [invalidValue(IPS, clusterIPs, 'first value must match `clusterIP`')];
}

function validateFamilies({ ipFamilies = [], ipFamilyPolicy: policy }: Spec): readonly FieldError[] {
  return [
    ...ipFamilies.flatMap((family, i) => [
      ...(FAMILIES.includes(family) ? [] : [notSupported(index('spec.ipFamilies', i), family, FAMILIES)]),
      ...(ipFamilies.indexOf(family) < i ? [duplicate(index('spec.ipFamilies', i), family)] : []),
    ]),
    ...(policy === undefined || POLICIES.includes(policy)
      ? []
      : [notSupported('spec.ipFamilyPolicy', policy, POLICIES)]),
  ];
}

function validateIps(ips: readonly string[]): readonly FieldError[] {
  return ips.flatMap((ip, i) => {
    if (i > 0 || ip !== 'None') {
      return isIpAddress(ip).map((message) => invalidValue(index(IPS, i), ip, message));
    }
    return ips.length > 1 ? [invalidValue(IPS, ips, "'None' must be the first and only value")] : [];
  });
}

function validateCount(ips: readonly string[]): readonly FieldError[] {
  const twice = ips.length > 1 && new Set(ips.map(familyOf)).size < 2;
  return [
    ...(ips.length > 2 ? [invalidValue(IPS, ips, 'may only hold up to 2 values')] : []),
    ...(twice ? [invalidValue(IPS, ips, 'may specify no more than one IP for each IP family')] : []),
  ];
}

function validateMatch({ clusterIPs = [], ipFamilies = [] }: Spec): readonly FieldError[] {
  return clusterIPs.flatMap((ip, i) => {
    const [family, wanted] = [familyOf(ip), ipFamilies[i]];
    if (family === undefined || wanted === undefined || family === wanted) return [];
    const detail = `expected an ${wanted} value as indicated by \`ipFamilies[${i}]\``;
    return [invalidValue(index(IPS, i), ip, detail)];
  });
}

/** `ValidateServiceClusterIPsRelatedFields`: addresses, families and policy by themselves and beside each other. */
export function validateClusterIps(spec: Spec): readonly FieldError[] {
  const { clusterIPs = [] } = spec;
  const [alone, ips] = [[...validateAgreement(spec), ...validateFamilies(spec)], validateIps(clusterIPs)];
  return ips.length > 0 ? [...alone, ...ips] : [...alone, ...validateCount(clusterIPs), ...validateMatch(spec)];
}
