import type { Container, Pod } from '../../../src/kinds/types.ts';
import { LEAST_QUOTA_MILLI, LEAST_SHARES, milli, sharesOf, units } from './amounts.ts';

/** What a container's control group is told, in the runtime's terms; -1 is no limit. */
export interface ContainerGroup {
  readonly cpuShares: number;
  readonly cpuQuota: number;
  readonly cpuPeriod: number;
  readonly memoryBytes: number;
}

const PERIOD_US = 100_000;

/** A container's resources as its control group shall have them: what `limitSettings` says at its next start. */
export function containerGroup({ spec }: Pod, { resources }: Container): ContainerGroup {
  const limits = { ...spec?.resources?.limits, ...resources?.limits };
  const cpu = milli(limits['cpu']);
  const asked = milli(resources?.requests?.['cpu'] ?? resources?.limits?.['cpu']);
  return {
    cpuShares: asked === undefined ? LEAST_SHARES : sharesOf(asked),
    cpuQuota: cpu === undefined ? -1 : (Math.max(LEAST_QUOTA_MILLI, cpu) * PERIOD_US) / 1000,
    cpuPeriod: PERIOD_US,
    memoryBytes: units(limits['memory']) ?? -1,
  };
}
