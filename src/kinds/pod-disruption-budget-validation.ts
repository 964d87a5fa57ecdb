import { invalidValue } from '../machinery/field-path.ts';
import type { Draft, PodDisruptionBudget } from './types.ts';
import { type Findings, validateAtMost100Percent, validateIntOrPercent, validateLabelSelector } from './validation.ts';

/** `ValidatePodDisruptionBudget`. */
export function validateDisruptionBudget(budget: Draft<PodDisruptionBudget>): Findings {
  const spec = budget.spec ?? {};
  const { minAvailable, maxUnavailable } = spec;
  const both = minAvailable !== undefined && maxUnavailable !== undefined;
  const bound = (value: number | string | undefined, field: string): Findings =>
    value === undefined ? [] : [...validateIntOrPercent(value, field), ...validateAtMost100Percent(value, field)];
  return [
    ...(both ? [invalidValue('spec', spec, 'minAvailable and maxUnavailable cannot be both set')] : []),
    ...bound(minAvailable, 'spec.minAvailable'),
    ...bound(maxUnavailable, 'spec.maxUnavailable'),
    ...validateLabelSelector(spec.selector, 'spec.selector'),
  ];
}
