import { invalidValue } from '../machinery/field-path.ts';
import type { Draft, Lease } from './types.ts';
import { type Findings, validateNonNegative } from './validation.ts';

/** `ValidateLease`. */
export function validateLease(lease: Draft<Lease>): Findings {
  const { leaseDurationSeconds: duration, leaseTransitions } = lease.spec ?? {};
  const path = 'spec.leaseDurationSeconds';
  return [
    ...(duration !== undefined && duration <= 0 ? [invalidValue(path, duration, 'must be greater than 0')] : []),
    ...validateNonNegative(leaseTransitions, 'spec.leaseTransitions'),
  ];
}
