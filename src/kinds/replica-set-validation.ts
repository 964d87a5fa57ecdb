import { validateLongRunningTemplate, validateOwnSelector } from './pod-template-validation.ts';
import type { Draft, ReplicaSet } from './types.ts';
import { type Findings, validateImmutable, validateNonNegative } from './validation.ts';

type Object = Draft<ReplicaSet>;

/** `ValidateReplicaSet`. */
export function validateReplicaSet(set: Object): Findings {
  const spec = set.spec ?? {};
  return [
    ...validateNonNegative(spec.replicas, 'spec.replicas'),
    ...validateNonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...validateOwnSelector(spec.selector, spec.template, 'replicaset'),
    ...validateLongRunningTemplate(spec.template, 'spec.template', 'ReplicaSet'),
  ];
}

/** `ValidateReplicaSetUpdate`: the selector stays. */
export function validateReplicaSetUpdate(set: Object, old: Object): Findings {
  return validateImmutable(set.spec?.selector, old.spec?.selector, 'spec.selector');
}
