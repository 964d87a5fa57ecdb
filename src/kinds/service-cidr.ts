import { index, invalidValue, required } from '../machinery/field-path.ts';
import { ageColumn, column, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { validateEach } from './each.ts';
import { isCidr } from './ip-address.ts';
import type { Draft, ServiceCidr } from './types.ts';
import { type Findings, validateImmutable, validateName } from './validation.ts';

type Object = Draft<ServiceCidr>;

const CIDRS = 'spec.cidrs';
const TWO_FAMILIES = 'may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64';

/** `ValidateServiceCIDR`. */
function validate({ spec = {} }: Object): Findings {
  const { cidrs = [] } = spec;
  if (cidrs.length === 0) return [required(CIDRS, 'at least one CIDR required')];
  if (cidrs.length > 2) return [invalidValue(CIDRS, spec, 'may only hold up to 2 values')];
  const [first = '', second] = cidrs;
  const sameFamily = second !== undefined && first.includes(':') === second.includes(':');
  const sound = cidrs.every((cidr) => isCidr(cidr).length === 0);
  if (second !== undefined && (sameFamily || !sound)) return [invalidValue(CIDRS, spec, TWO_FAMILIES)];
  return validateEach(cidrs, CIDRS, (cidr, at) => validateName(isCidr, cidr, at));
}

/** `ValidateServiceCIDRUpdate`: a range of the other family may come, nothing else may change. */
function validateCidrsUpdate(cidrs: readonly string[], old: readonly string[]): Findings {
  const same = cidrs.length === old.length || (old.length === 1 && cidrs.length === 2);
  if (!same) return validateImmutable(cidrs, old, CIDRS);
  return old.flatMap((cidr, position) => validateImmutable(cidrs[position], cidr, index(CIDRS, position)));
}

/** networking.k8s.io/v1 ServiceCIDR. */
export const serviceCidrKind = defineKind<Object>({
  group: 'networking.k8s.io',
  kind: 'ServiceCIDR',
  namespaced: false,
  hasStatus: true,
  columns: [
    nameColumn,
    column('CIDRs', 'string', 'Ranges of addresses for Services.', (o) => (o.spec?.cidrs ?? []).join(',')),
    ageColumn,
  ],
  validate,
  validateUpdate: (object, old) => validateCidrsUpdate(object.spec?.cidrs ?? [], old.spec?.cidrs ?? []),
});
