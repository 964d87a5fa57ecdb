import { child, invalidValue, required, tooLong } from '../../machinery/field-path.ts';
import { isQualifiedName } from '../../machinery/names.ts';
import { utf8Length } from '../base64.ts';
import { validateEach, validateUnique } from '../each.ts';
import type { Draft, ValidatingAdmissionPolicy } from '../types.ts';
import { type Findings, validateName } from '../validation.ts';
import {
  FAILURE_POLICIES,
  validateChoice,
  validateConstraints,
  validateMatchConditions,
  validateParamKind,
  validateVariables,
} from './match-validation.ts';

type Object = Draft<ValidatingAdmissionPolicy>;
type Spec = NonNullable<Object['spec']>;
type Validation = NonNullable<Spec['validations']>[number];
type Annotation = NonNullable<Spec['auditAnnotations']>[number];

const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const MAX_ANNOTATIONS = 20;
const MAX_VALUE_EXPRESSION = 5 * 1024;
const NOTHING = 'validations or auditAnnotations must contain at least one item';

function validateMessage(message: string | undefined, path: string): Findings {
  if (message === undefined || message === '') return [];
  if (message.trim() === '') return [invalidValue(path, message, 'message must be non-empty if specified')];
  return /[\r\n]/.test(message.trim()) ? [invalidValue(path, message, 'message must not contain line breaks')] : [];
}

function validateValidation(validation: Validation, path: string): Findings {
  const { expression = '', message, messageExpression = '', reason } = validation;
  const blank = messageExpression !== '' && messageExpression.trim() === '';
  const field = child(path, 'messageExpression');
  return [
    ...(expression.trim() === '' ? [required(child(path, 'expression'), 'expression is not specified')] : []),
    ...(blank ? [invalidValue(field, messageExpression, 'must be non-empty if specified')] : []),
    ...validateMessage(message, child(path, 'message')),
    ...validateChoice(reason, child(path, 'reason'), REASONS),
  ];
}

function validateAnnotation({ key = '', valueExpression = '' }: Annotation, path: string, policy: string): Findings {
  const field = child(path, 'valueExpression');
  return [
    ...validateName(isQualifiedName, policy === '' ? key : `${policy}/${key}`, child(path, 'key')),
    ...(valueExpression.trim() === '' ? [required(field, 'valueExpression is not specified')] : []),
    ...(utf8Length(valueExpression.trim()) > MAX_VALUE_EXPRESSION ? [tooLong(field, MAX_VALUE_EXPRESSION)] : []),
  ];
}

function validateAnnotations(annotations: Spec['auditAnnotations'], policy: string): Findings {
  const path = 'spec.auditAnnotations';
  const many = (annotations?.length ?? 0) > MAX_ANNOTATIONS;
  return [
    ...(many ? [invalidValue(path, annotations, `must not have more than ${MAX_ANNOTATIONS} auditAnnotations`)] : []),
    ...validateEach(annotations, path, (annotation, at) => validateAnnotation(annotation, at, policy)),
    ...validateUnique(annotations, path, ({ key = '' }) => key, 'key'),
  ];
}

/** `ValidateValidatingAdmissionPolicy`, but for the syntax and types of its expressions. */
export function validateValidatingPolicy({ metadata, spec = {} }: Object): Findings {
  const empty = (spec.validations ?? []).length + (spec.auditAnnotations ?? []).length === 0;
  return [
    ...(spec.failurePolicy === undefined ? [required('spec.failurePolicy')] : []),
    ...validateChoice(spec.failurePolicy, 'spec.failurePolicy', FAILURE_POLICIES),
    ...validateParamKind(spec.paramKind, 'spec.paramKind'),
    ...validateConstraints(spec.matchConstraints, 'spec.matchConstraints'),
    ...validateMatchConditions(spec.matchConditions, 'spec.matchConditions'),
    ...validateVariables(spec.variables, 'spec.variables'),
    ...(empty ? ['spec.validations', 'spec.auditAnnotations'].map((field) => required(field, NOTHING)) : []),
    ...validateEach(spec.validations, 'spec.validations', validateValidation),
    ...validateAnnotations(spec.auditAnnotations, metadata?.name ?? ''),
  ];
}
