import { formatMicroTime } from '../machinery/time.ts';
import { ageColumn, column, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { validateLease } from './lease-validation.ts';
import type { Draft, Lease } from './types.ts';

type Object = Draft<Lease>;

/** Where the leases of nodes are. */
export const NODE_LEASES = 'kube-node-lease';
/** How often a kubelet renews its lease. */
const RENEWAL_MS = 10_000;

/**
 * A node's lease that is stored without a time of renewal is renewed by whoever answers: that somebody answers is what it
 * says. Nothing is written for it, every ten seconds or ever.
 */
function renewed(lease: Object, now: number): Object {
  const isOpen = lease.metadata?.namespace === NODE_LEASES && lease.spec?.renewTime === undefined;
  if (!isOpen || !lease.spec?.holderIdentity) return lease;
  const renewTime = formatMicroTime(now - (now % RENEWAL_MS));
  return { ...lease, spec: { ...lease.spec, renewTime } };
}

/** coordination.k8s.io/v1 Lease. */
export const leaseKind = defineKind<Object>({
  group: 'coordination.k8s.io',
  kind: 'Lease',
  requiresVersion: true,
  createsOnUpdate: true,
  columns: [nameColumn, column('Holder', 'string', 'Who holds it.', (o) => o.spec?.holderIdentity ?? ''), ageColumn],
  validate: validateLease,
  shown: renewed,
  support: { level: 'full', note: 'Locks for clients that elect a leader; the node has one that is never written.' },
});
