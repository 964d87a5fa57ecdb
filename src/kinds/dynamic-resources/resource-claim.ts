import { child, required } from '../../machinery/field-path.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { validateEach, validateUnique } from '../each.ts';
import type { Draft, ResourceClaim } from '../types.ts';
import { type Findings, validateImmutable } from '../validation.ts';
import { validateDeviceClaim, validateReservations, validateSize } from './device-request-validation.ts';
import { applyClaimDefaults } from './resource-claim-defaults.ts';

type Object = Draft<ResourceClaim>;

const RESERVED = 'status.reservedFor';
const MAX_CONSUMERS = 256;
const CONSUMER_FIELDS = ['resource', 'name', 'uid'] as const;

/** `allocated,reserved` and the like. */
function state({ metadata, status }: Object): string {
  const deleted = metadata?.deletionTimestamp ? ['deleted'] : [];
  if (!status?.allocation) return deleted[0] ?? 'pending';
  const reserved = (status.reservedFor ?? []).length > 0 ? ['reserved'] : [];
  return [...deleted, 'allocated', ...reserved].join(',');
}

function validateStatus({ status = {} }: Object): Findings {
  return [
    ...validateSize(status.reservedFor, RESERVED, MAX_CONSUMERS),
    ...validateEach(status.reservedFor, RESERVED, (consumer, path) =>
      CONSUMER_FIELDS.filter((field) => !consumer[field]).map((field) => required(child(path, field))),
    ),
    ...validateUnique(status.reservedFor, RESERVED, ({ uid = '' }) => uid),
    ...validateReservations(status, 'status'),
  ];
}

function validateUpdate(claim: Object, old: Object): Findings {
  const [allocation, before] = [claim.status?.allocation, old.status?.allocation];
  return [
    ...validateImmutable(claim.spec, old.spec, 'spec'),
    ...(allocation && before ? validateImmutable(allocation, before, 'status.allocation') : []),
  ];
}

/** resource.k8s.io/v1 ResourceClaim. */
export const resourceClaimKind = defineKind<Object>({
  group: 'resource.k8s.io',
  kind: 'ResourceClaim',
  hasStatus: true,
  columns: [nameColumn, column('State', 'string', 'How far it is.', state), ageColumn],
  defaults: (claim) => ({ ...claim, spec: applyClaimDefaults(claim.spec ?? {}) }),
  validate: (claim) => [...validateDeviceClaim(claim.spec?.devices ?? {}, 'spec.devices'), ...validateStatus(claim)],
  validateUpdate,
});
