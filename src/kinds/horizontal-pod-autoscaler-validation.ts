import { invalidValue, required } from '../machinery/field-path.ts';
import { isPathSegment } from '../machinery/names.ts';
import type { Draft, HorizontalPodAutoscaler } from './types.ts';
import { type Findings, validateRequiredName } from './validation.ts';

/** `ValidateHorizontalPodAutoscaler`: bounds and target. */
export function validateAutoscaler(object: Draft<HorizontalPodAutoscaler>): Findings {
  const { minReplicas, maxReplicas = 0, scaleTargetRef = {} } = object.spec ?? {};
  const [min, max, target] = ['spec.minReplicas', 'spec.maxReplicas', 'spec.scaleTargetRef'];
  const tooFew = minReplicas !== undefined && minReplicas < 1;
  const crossed = minReplicas !== undefined && maxReplicas < minReplicas;
  return [
    ...(tooFew ? [invalidValue(min, minReplicas, 'must be greater than or equal to 1')] : []),
    ...(maxReplicas < 1 ? [invalidValue(max, maxReplicas, 'must be greater than 0')] : []),
    ...(crossed ? [invalidValue(max, maxReplicas, 'must be greater than or equal to `minReplicas`')] : []),
    ...(scaleTargetRef.kind ? [] : [required(`${target}.kind`)]),
    ...validateRequiredName(isPathSegment, scaleTargetRef.name, `${target}.name`),
  ];
}
