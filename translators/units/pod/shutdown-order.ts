import type { Setting } from '../../../quadlet/encode-unit.ts';
import { inSection } from './settings.ts';
import type { PodSite } from './site.ts';

/** `system-cluster-critical`, and whatever is above it. */
const CRITICAL_PRIORITY = 2_000_000_000;
/** Between the two: shipped, and active from boot on. */
const CRITICAL_TARGET = 'quadshift-critical-pods.target';

/**
 * Graceful node shutdown, by systemd's own ordering: what comes after the target at boot goes before it at shutdown. So
 * ordinary pods end first, with their own grace, and critical ones when all of them have.
 */
export function shutdownOrder({ spec }: PodSite): readonly Setting[] {
  const isCritical = (spec.priority ?? 0) >= CRITICAL_PRIORITY;
  return inSection('Unit', [[isCritical ? 'Before' : 'After', CRITICAL_TARGET]]);
}
