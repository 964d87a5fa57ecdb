import { child, invalidValue, notSupported } from '../machinery/field-path.ts';
import { validateLongRunningTemplate, validateOwnSelector } from './pod-template-validation.ts';
import type { DaemonSet, Draft } from './types.ts';
import {
  type Findings,
  percentOf,
  validateAtMost100Percent,
  validateImmutable,
  validateIntOrPercent,
  validateNonNegative,
} from './validation.ts';

type Object = Draft<DaemonSet>;
type Strategy = NonNullable<NonNullable<Object['spec']>['updateStrategy']>;

const PATH = 'spec.updateStrategy';

function isSet(value: number | string | undefined): boolean {
  return typeof value === 'string' ? percentOf(value) !== 0 : (value ?? 0) !== 0;
}

function validateRollingUpdate(update: NonNullable<Strategy['rollingUpdate']>): Findings {
  const { maxUnavailable, maxSurge } = update;
  const path = child(PATH, 'rollingUpdate');
  const [unavailablePath, surgePath] = [child(path, 'maxUnavailable'), child(path, 'maxSurge')];
  const both = isSet(maxUnavailable) && isSet(maxSurge);
  const neither = !isSet(maxUnavailable) && !isSet(maxSurge);
  return [
    ...validateIntOrPercent(maxUnavailable, unavailablePath),
    ...validateIntOrPercent(maxSurge, surgePath),
    ...validateAtMost100Percent(maxUnavailable, unavailablePath),
    ...validateAtMost100Percent(maxSurge, surgePath),
    ...(both ? [invalidValue(surgePath, maxSurge, 'may not be set when maxUnavailable is non-zero')] : []),
    ...(neither ? [invalidValue(unavailablePath, maxUnavailable, 'cannot be 0 when maxSurge is 0')] : []),
  ];
}

function validateStrategy(strategy: Strategy): Findings {
  if (strategy.type === 'OnDelete') return [];
  if (strategy.type !== 'RollingUpdate') return [notSupported(PATH, strategy, ['RollingUpdate', 'OnDelete'])];
  return strategy.rollingUpdate ? validateRollingUpdate(strategy.rollingUpdate) : [];
}

/** `ValidateDaemonSet`. */
export function validateDaemonSet(set: Object): Findings {
  const spec = set.spec ?? {};
  return [
    ...validateOwnSelector(spec.selector, spec.template, 'daemonset'),
    ...validateLongRunningTemplate(spec.template, 'spec.template', 'DaemonSet'),
    ...validateNonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...validateStrategy(spec.updateStrategy ?? {}),
    ...validateNonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
  ];
}

/** `ValidateDaemonSetUpdate`: the selector stays. */
export function validateDaemonSetUpdate(set: Object, old: Object): Findings {
  return validateImmutable(set.spec?.selector, old.spec?.selector, 'spec.selector');
}
