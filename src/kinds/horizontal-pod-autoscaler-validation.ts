import { invalidValue } from '../machinery/field-path.ts';
import { isPathSegment } from '../machinery/names.ts';
import { validateBehavior } from './horizontal-pod-autoscaler-behavior-validation.ts';
import { validateMetrics } from './horizontal-pod-autoscaler-metric-validation.ts';
import type { Draft, HorizontalPodAutoscaler } from './types.ts';
import { type Findings, validateRequiredName } from './validation.ts';

/** `ValidateHorizontalPodAutoscaler`. */
export function validateAutoscaler(object: Draft<HorizontalPodAutoscaler>): Findings {
  const { minReplicas, maxReplicas = 0, scaleTargetRef = {} } = object.spec ?? {};
  const [min, max, target] = ['spec.minReplicas', 'spec.maxReplicas', 'spec.scaleTargetRef'];
  const tooFew = minReplicas !== undefined && minReplicas < 1;
  const crossed = minReplicas !== undefined && maxReplicas < minReplicas;
  return [
    ...(tooFew ? [invalidValue(min, minReplicas, 'must be greater than or equal to 1')] : []),
    ...(maxReplicas < 1 ? [invalidValue(max, maxReplicas, 'must be greater than 0')] : []),
    ...(crossed ? [invalidValue(max, maxReplicas, 'must be greater than or equal to `minReplicas`')] : []),
    ...validateRequiredName(isPathSegment, scaleTargetRef.kind, `${target}.kind`),
    ...validateRequiredName(isPathSegment, scaleTargetRef.name, `${target}.name`),
    ...validateMetrics(object.spec?.metrics, 'spec.metrics'),
    ...validateBehavior(object.spec?.behavior, 'spec.behavior'),
  ];
}
