import { invalidValue, required } from '../machinery/field-path.ts';
import { isPathSegment } from '../machinery/names.ts';
import { validateBehavior } from './horizontal-pod-autoscaler-behavior-validation.ts';
import { validateMetrics } from './horizontal-pod-autoscaler-metric-validation.ts';
import type { Draft, HorizontalPodAutoscaler } from './types.ts';
import { type Findings, validateRequiredName } from './validation.ts';

function validateMax(maximum: number | undefined, path: string): Findings {
  if (!maximum) return [required(path, 'must be set and greater than 0')];
  return maximum < 1 ? [invalidValue(path, maximum, 'must be greater than or equal to 1')] : [];
}

/** Only ReplicationControllers can be scaled without a group. */
function validateGroup(target: { readonly kind?: string; readonly apiVersion?: string }, path: string): Findings {
  const { kind, apiVersion = '' } = target;
  if (kind === 'ReplicationController' || apiVersion.includes('/')) return [];
  return [invalidValue(path, apiVersion, 'apiVersion must specify API group')];
}

/** `ValidateHorizontalPodAutoscaler`. */
export function validateAutoscaler(object: Draft<HorizontalPodAutoscaler>): Findings {
  const { minReplicas, maxReplicas = 0, scaleTargetRef = {} } = object.spec ?? {};
  const [min, max, target] = ['spec.minReplicas', 'spec.maxReplicas', 'spec.scaleTargetRef'];
  const tooFew = minReplicas !== undefined && minReplicas < 1;
  const crossed = minReplicas !== undefined && maxReplicas < minReplicas;
  return [
    ...(tooFew ? [invalidValue(min, minReplicas, 'must be greater than or equal to 1')] : []),
    ...validateMax(object.spec?.maxReplicas, max),
    ...(crossed ? [invalidValue(max, maxReplicas, 'must be greater than or equal to `minReplicas`')] : []),
    ...validateRequiredName(isPathSegment, scaleTargetRef.kind, `${target}.kind`),
    ...validateRequiredName(isPathSegment, scaleTargetRef.name, `${target}.name`),
    ...validateGroup(scaleTargetRef, `${target}.apiVersion`),
    ...validateMetrics(object.spec?.metrics, 'spec.metrics'),
    ...validateBehavior(object.spec?.behavior, 'spec.behavior'),
  ];
}
