import type { Setting } from '../../../quadlet/encode-unit.ts';
import { inSection } from './settings.ts';
import type { PodSite } from './site.ts';

/** `system-cluster-critical`, and whatever is above it. */
const CRITICAL_PRIORITY = 2_000_000_000;
/** Shipped, and active from boot on: before all pods, and between critical ones and the others. */
const PODS_TARGET = 'quadshift-pods.target';
const CRITICAL_TARGET = 'quadshift-critical-pods.target';

/**
 * Graceful node shutdown, by systemd's own ordering: what comes after the target at boot goes before it at shutdown. So
 * ordinary pods end first, with their own grace, critical ones when all of them have, and what both need after these.
 */
export function shutdownOrder({ spec }: PodSite): readonly Setting[] {
  const isCritical = (spec.priority ?? 0) >= CRITICAL_PRIORITY;
  if (!isCritical) return inSection('Unit', [['After', CRITICAL_TARGET]]);
  return inSection('Unit', [
    ['After', PODS_TARGET],
    ['Before', CRITICAL_TARGET],
  ]);
}
