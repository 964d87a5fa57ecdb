import { child, forbiddenField, invalidValue, notSupported } from '../machinery/field-path.ts';
import { validateLongRunningTemplate, validateOwnSelector } from './pod-template-validation.ts';
import type { Deployment, DeploymentSpec, Draft, Sparse } from './types.ts';
import {
  type Findings,
  percentOf,
  validateAtMost100Percent,
  validateImmutable,
  validateIntOrPercent,
  validateNonNegative,
} from './validation.ts';

type Object = Draft<Deployment>;
type Strategy = NonNullable<Sparse<DeploymentSpec>['strategy']>;

function isZero(value: number | string | undefined): boolean {
  return typeof value === 'string' ? percentOf(value) === 0 : (value ?? 0) === 0;
}

function validateRollingUpdate(update: NonNullable<Strategy['rollingUpdate']>, path: string): Findings {
  const { maxUnavailable, maxSurge } = update;
  const unavailablePath = child(path, 'maxUnavailable');
  const stuck = isZero(maxUnavailable) && isZero(maxSurge);
  return [
    ...validateIntOrPercent(maxUnavailable, unavailablePath),
    ...validateIntOrPercent(maxSurge, child(path, 'maxSurge')),
    ...(stuck ? [invalidValue(unavailablePath, maxUnavailable, 'may not be 0 when `maxSurge` is 0')] : []),
    ...validateAtMost100Percent(maxUnavailable, unavailablePath),
  ];
}

function validateStrategy(strategy: Strategy, path: string): Findings {
  const { type = '', rollingUpdate } = strategy;
  const updatePath = child(path, 'rollingUpdate');
  switch (type) {
    case 'RollingUpdate':
      return rollingUpdate ? validateRollingUpdate(rollingUpdate, updatePath) : [];
    case 'Recreate':
      return rollingUpdate
        ? [forbiddenField(updatePath, "may not be specified when strategy `type` is 'Recreate'")]
        : [];
    default:
      return [notSupported(path, strategy, ['Recreate', 'RollingUpdate'])];
  }
}

function validateDeadline(spec: Sparse<DeploymentSpec>): Findings {
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec;
  const path = 'spec.progressDeadlineSeconds';
  if (deadline === undefined) return [];
  const late =
    deadline <= minReadySeconds ? [invalidValue(path, deadline, 'must be greater than minReadySeconds')] : [];
  return [...validateNonNegative(deadline, path), ...late];
}

/** `ValidateDeployment`. */
export function validateDeployment(deployment: Object): Findings {
  const spec = deployment.spec ?? {};
  return [
    ...validateNonNegative(spec.replicas, 'spec.replicas'),
    ...validateOwnSelector(spec.selector, spec.template, 'deployment'),
    ...validateLongRunningTemplate(spec.template, 'spec.template', 'ReplicaSet'),
    ...validateStrategy(spec.strategy ?? {}, 'spec.strategy'),
    ...validateNonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...validateNonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
    ...validateDeadline(spec),
  ];
}

/** `ValidateDeploymentUpdate`: the selector stays. */
export function validateDeploymentUpdate(deployment: Object, old: Object): Findings {
  return validateImmutable(deployment.spec?.selector, old.spec?.selector, 'spec.selector');
}
