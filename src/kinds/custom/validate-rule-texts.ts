import type { FieldError } from '../../machinery/field-error.ts';
import { child, index, invalidValue, notSupported, required } from '../../machinery/field-path.ts';
import type { StructuralSchema, ValidationRule } from '../../machinery/structural/schema.ts';
import type { Findings } from '../validation.ts';
import { schemaPathOf } from './field-path-of.ts';

const REASONS = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired'];
const NEWLINE = /[\n\r]/;

function validateMessage({ rule = '', message = '' }: ValidationRule, path: string): Findings {
  const at = child(path, 'message');
  const trimmed = message.trim();
  if (rule.trim() === '') return [required(child(path, 'rule'), 'rule is not specified')];
  if (message !== '' && trimmed === '') return [invalidValue(at, message, 'must be non-empty if specified')];
  if (NEWLINE.test(trimmed)) return [invalidValue(at, message, 'must not contain line breaks')];
  if (!NEWLINE.test(rule.trim()) || trimmed !== '') return [];
  return [required(at, 'message must be specified if rule contains line breaks')];
}

function validateFieldPath({ fieldPath = '' }: ValidationRule, schema: StructuralSchema, path: string): Findings {
  const at = child(path, 'fieldPath');
  const found: FieldError[] = [];
  if (fieldPath === '') return found;
  if (fieldPath.trim() === '') found.push(invalidValue(at, fieldPath, 'must be non-empty if specified'));
  if (NEWLINE.test(fieldPath)) found.push(invalidValue(at, fieldPath, 'must not contain line breaks'));
  if (!schemaPathOf(fieldPath, schema).ok) found.push(invalidValue(at, fieldPath, 'must be a valid path'));
  return found;
}

function validateTexts(rule: ValidationRule, schema: StructuralSchema, path: string): Findings {
  const { messageExpression = '', reason } = rule;
  const empty = messageExpression !== '' && messageExpression.trim() === '';
  return [
    ...validateMessage(rule, path),
    ...(empty ? [required(child(path, 'messageExpression'), 'messageExpression must be non-empty if specified')] : []),
    ...(reason === undefined || REASONS.includes(reason) ? [] : [notSupported(child(path, 'reason'), reason, REASONS)]),
    ...validateFieldPath(rule, schema, path),
  ];
}

/** What can be said of a schema's rules without reading their expressions. */
export function validateRuleTexts(schema: StructuralSchema, path: string): Findings {
  const rules = child(path, 'x-kubernetes-validations');
  return (schema['x-kubernetes-validations'] ?? []).flatMap((rule, at) =>
    validateTexts(rule, schema, index(rules, at)),
  );
}
