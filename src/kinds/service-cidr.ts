import { invalidValue, required } from '../machinery/field-path.ts';
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

/** networking.k8s.io/v1 ServiceCIDR. */
export const serviceCidrKind = defineKind<Object>({
  group: 'networking.k8s.io',
  kind: 'ServiceCIDR',
  namespaced: false,
  hasStatus: true,
  tracksGeneration: true,
  columns: [
    nameColumn,
    column('CIDRs', 'string', 'Ranges of addresses for Services.', (o) => (o.spec?.cidrs ?? []).join(',')),
    ageColumn,
  ],
  validate,
  validateUpdate: (object, old) => validateImmutable(object.spec?.cidrs, old.spec?.cidrs, CIDRS),
});
