import { invalidValue, required } from '../machinery/field-path.ts';
import { matchesLabels, selectorFromSet } from '../machinery/selectors.ts';
import { validateLongRunningTemplate } from './pod-template-validation.ts';
import type { Draft, ReplicationController } from './types.ts';
import { type Findings, validateNonNegative } from './validation.ts';

/** `ValidateReplicationController`. */
export function validateReplicationController(controller: Draft<ReplicationController>): Findings {
  const { replicas, minReadySeconds, selector = {}, template } = controller.spec ?? {};
  const labels = template?.metadata?.labels;
  const empty = Object.keys(selector).length === 0;
  const mismatch = !empty && template && !matchesLabels(selectorFromSet(selector), labels);
  const detail = '`selector` does not match template `labels`';
  return [
    ...validateNonNegative(minReadySeconds, 'spec.minReadySeconds'),
    ...(empty ? [required('spec.selector')] : []),
    ...validateNonNegative(replicas, 'spec.replicas'),
    ...(mismatch ? [invalidValue('spec.template.metadata.labels', labels ?? null, detail)] : []),
    ...validateLongRunningTemplate(template, 'spec.template', 'ReplicationController'),
  ];
}
