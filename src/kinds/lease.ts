import { ageColumn, column, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { validateLease } from './lease-validation.ts';
import type { Draft, Lease } from './types.ts';

/** coordination.k8s.io/v1 Lease. */
export const leaseKind = defineKind<Draft<Lease>>({
  group: 'coordination.k8s.io',
  kind: 'Lease',
  requiresVersion: true,
  createsOnUpdate: true,
  columns: [nameColumn, column('Holder', 'string', 'Who holds it.', (o) => o.spec?.holderIdentity ?? ''), ageColumn],
  validate: validateLease,
  support: { level: 'full', note: 'Locks for clients that elect a leader.' },
});
