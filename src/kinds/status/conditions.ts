import { child, duplicate, index, invalidValue, notSupported, required, tooLong } from '../../machinery/field-path.ts';
import { isQualifiedName, regexError } from '../../machinery/names.ts';
import { type Findings, validateName } from '../validation.ts';

/** A condition as meta/v1 has it. */
export interface StandardCondition {
  readonly type?: string;
  readonly status?: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime?: string;
  readonly reason?: string;
  readonly message?: string;
}

const STATUSES = ['False', 'True', 'Unknown'];
const REASON = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?';
const reasonPattern = new RegExp(`^${REASON}$`);
const REASON_TEXT = regexError(
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'",
  REASON,
  'my_name',
  'MY_NAME',
  'MyName',
  'ReasonA,ReasonB',
  'ReasonA:ReasonB',
);
const MAX_REASON = 1024;
const MAX_MESSAGE = 32 * 1024;

/** `ValidateConditions` of meta/v1: each type once, and every condition sound. */
export function validateConditions(conditions: readonly StandardCondition[], path: string): Findings {
  const types = conditions.map(({ type = '' }) => type);
  return conditions.flatMap((condition, position) => {
    const field = index(path, position);
    const again = types.indexOf(condition.type ?? '') < position;
    return [
      ...(again ? [duplicate(child(field, 'type'), condition.type)] : []),
      ...validateCondition(condition, field),
    ];
  });
}

function validateCondition(condition: StandardCondition, path: string): Findings {
  const { type = '', status = '', observedGeneration = 0, lastTransitionTime, message = '' } = condition;
  const generation = child(path, 'observedGeneration');
  const text = new TextEncoder().encode(message).length > MAX_MESSAGE;
  return [
    ...validateName(isQualifiedName, type, child(path, 'type')),
    ...(STATUSES.includes(status) ? [] : [notSupported(child(path, 'status'), status, STATUSES)]),
    ...(observedGeneration < 0
      ? [invalidValue(generation, observedGeneration, 'must be greater than or equal to zero')]
      : []),
    ...(lastTransitionTime ? [] : [required(child(path, 'lastTransitionTime'))]),
    ...validateReason(condition.reason ?? '', child(path, 'reason')),
    ...(text ? [tooLong(child(path, 'message'), MAX_MESSAGE)] : []),
  ];
}

function validateReason(reason: string, field: string): Findings {
  if (reason === '') return [required(field)];
  return [
    ...(reasonPattern.test(reason) ? [] : [invalidValue(field, reason, REASON_TEXT)]),
    ...(reason.length > MAX_REASON ? [tooLong(field, MAX_REASON)] : []),
  ];
}
