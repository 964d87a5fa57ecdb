import { semanticEqual } from '../machinery/deep.ts';
import type { FieldError } from '../machinery/field-error.ts';
import {
  child,
  FIELD_IS_IMMUTABLE,
  forbiddenField,
  index,
  invalidValue,
  notSupported,
  required,
} from '../machinery/field-path.ts';
import {
  isLabelValue,
  isPercent,
  isPortName,
  isPortNumber,
  type NameCheck,
  validateLabelKey,
  validateLabels,
} from '../machinery/names.ts';
import type { LabelSelector, Sparse } from './types.ts';

/** Findings about fields; empty when all is well. */
export type Findings = readonly FieldError[];

/** Largest int32. */
export const MAX_INT32 = 2_147_483_647;

/** `ValidateNonnegativeField`; absent is fine. */
export function validateNonNegative(value: number | undefined, field: string): Findings {
  return (value ?? 0) < 0 ? [invalidValue(field, value, 'must be greater than or equal to 0')] : [];
}

/** `ValidateImmutableField`. */
export function validateImmutable(value: unknown, old: unknown, field: string, detail = FIELD_IS_IMMUTABLE): Findings {
  return semanticEqual(value, old) ? [] : [invalidValue(field, value, detail)];
}

/** A name check's sentences as findings about `field`. */
export function validateName(check: NameCheck, value: string, field: string): Findings {
  return check(value).map((message) => invalidValue(field, value, message));
}

/** Required, and right by `check`. */
export function validateRequiredName(check: NameCheck, value: string | undefined, field: string): Findings {
  return value ? validateName(check, value, field) : [required(field)];
}

/** One of `allowed`; what absence means is said by `absent`. */
export function validateEnum(
  value: string | undefined,
  field: string,
  allowed: readonly string[],
  absent: 'required' | 'optional' = 'required',
): Findings {
  if (!value) return absent === 'optional' ? [] : [required(field)];
  return allowed.includes(value) ? [] : [notSupported(field, value, allowed)];
}

/** `ValidatePortNumOrName`. */
export function validatePortOrName(port: number | string | undefined, field: string): Findings {
  if (typeof port === 'string') return validateName(isPortName, port, field);
  const number = port ?? 0;
  return isPortNumber(number).map((message) => invalidValue(field, number, message));
}

/** `ValidatePositiveIntOrPercent`. */
export function validateIntOrPercent(value: number | string | undefined, field: string): Findings {
  return typeof value === 'string' ? validateName(isPercent, value, field) : validateNonNegative(value, field);
}

/** The percentage's number, or undefined where it isn't a percentage. */
export function percentOf(value: number | string | undefined): number | undefined {
  return typeof value === 'string' && isPercent(value).length === 0 ? Number.parseInt(value, 10) : undefined;
}

/** `IsNotMoreThan100Percent`. */
export function validateAtMost100Percent(value: number | string | undefined, field: string): Findings {
  return (percentOf(value) ?? 0) > 100 ? [invalidValue(field, value, 'must not be greater than 100%')] : [];
}

type Expression = NonNullable<Sparse<LabelSelector>['matchExpressions']>[number];

function validateOperator(expression: Expression, path: string): Findings {
  const { operator = '', values = [] } = expression;
  const valuesPath = child(path, 'values');
  switch (operator) {
    case 'In':
    case 'NotIn':
      return values.length > 0 ? [] : [required(valuesPath, "must be specified when `operator` is 'In' or 'NotIn'")];
    case 'Exists':
    case 'DoesNotExist':
      if (values.length === 0) return [];
      return [forbiddenField(valuesPath, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")];
    default:
      return [invalidValue(child(path, 'operator'), operator, 'not a valid selector operator')];
  }
}

function validateExpression(expression: Expression, path: string): Findings {
  return [
    ...validateOperator(expression, path),
    ...validateLabelKey(expression.key ?? '', child(path, 'key')),
    ...(expression.values ?? []).flatMap((value, position) =>
      validateName(isLabelValue, value, index(child(path, 'values'), position)),
    ),
  ];
}

/** `ValidateLabelSelector`; an absent selector is fine here. */
export function validateLabelSelector(selector: Sparse<LabelSelector> | undefined, path: string): Findings {
  return [
    ...validateLabels(selector?.matchLabels, child(path, 'matchLabels')),
    ...(selector?.matchExpressions ?? []).flatMap((expression, position) =>
      validateExpression(expression, index(child(path, 'matchExpressions'), position)),
    ),
  ];
}

/** Whether the selector says nothing, and so would match everything. */
export function isEmptySelector(selector: Sparse<LabelSelector>): boolean {
  return Object.keys(selector.matchLabels ?? {}).length + (selector.matchExpressions ?? []).length === 0;
}
