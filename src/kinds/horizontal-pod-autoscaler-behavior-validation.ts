import { child, invalidValue, notSupported, required } from '../machinery/field-path.ts';
import { validateEach } from './each.ts';
import type { HorizontalPodAutoscaler, Sparse } from './types.ts';
import type { Findings } from './validation.ts';

type Behavior = NonNullable<NonNullable<Sparse<HorizontalPodAutoscaler>['spec']>['behavior']>;
type Rules = NonNullable<Behavior['scaleUp']>;
type Policy = NonNullable<Rules['policies']>[number];

const MAX_WINDOW = 3600;
const MAX_PERIOD = 1800;

function validatePolicy({ type = '', value = 0, periodSeconds = 0 }: Policy, path: string): Findings {
  const types = ['Percent', 'Pods'];
  const period = child(path, 'periodSeconds');
  return [
    ...(types.includes(type) ? [] : [notSupported(child(path, 'type'), type, types)]),
    ...(value <= 0 ? [invalidValue(child(path, 'value'), value, 'must be greater than zero')] : []),
    ...(periodSeconds <= 0 ? [invalidValue(period, periodSeconds, 'must be greater than zero')] : []),
    ...(periodSeconds > MAX_PERIOD
      ? [invalidValue(period, periodSeconds, `must be less than or equal to ${MAX_PERIOD}`)]
      : []),
  ];
}

function validateRules(rules: Rules | undefined, path: string): Findings {
  if (!rules) return [];
  const { stabilizationWindowSeconds: seconds = 0, selectPolicy, policies = [] } = rules;
  const window = child(path, 'stabilizationWindowSeconds');
  const select = ['Disabled', 'Max', 'Min'];
  return [
    ...(seconds < 0 ? [invalidValue(window, seconds, 'must be greater than or equal to zero')] : []),
    ...(seconds > MAX_WINDOW ? [invalidValue(window, seconds, `must be less than or equal to ${MAX_WINDOW}`)] : []),
    ...(selectPolicy === undefined || select.includes(selectPolicy)
      ? []
      : [notSupported(child(path, 'selectPolicy'), selectPolicy, select)]),
    ...(policies.length === 0 ? [required(child(path, 'policies'), 'must specify at least one Policy')] : []),
    ...validateEach(policies, child(path, 'policies'), validatePolicy),
  ];
}

/** `validateBehavior`. */
export function validateBehavior(behavior: Behavior | undefined, path: string): Findings {
  return [
    ...validateRules(behavior?.scaleUp, child(path, 'scaleUp')),
    ...validateRules(behavior?.scaleDown, child(path, 'scaleDown')),
  ];
}
