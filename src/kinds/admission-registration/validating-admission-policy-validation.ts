import { child, invalidValue, required } from '../../machinery/field-path.ts';
import { isQualifiedName } from '../../machinery/names.ts';
import { utf8Length } from '../base64.ts';
import { validateEach, validateUnique } from '../each.ts';
import type { Draft, ValidatingAdmissionPolicy } from '../types.ts';
import { type Findings, validateName } from '../validation.ts';
import { type ExpressionScope, policyScope } from './expressions.ts';
import {
  FAILURE_POLICIES,
  validateChoice,
  validateConstraints,
  validateExpression,
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
  if (message.trim() === '') return [invalidValue(path, message, 'must be non-empty if specified')];
  return /[\r\n]/.test(message.trim()) ? [invalidValue(path, message, 'must not contain line breaks')] : [];
}

function validateValidation(validation: Validation, path: string, scope: ExpressionScope): Findings {
  const { expression = '', message, messageExpression = '', reason } = validation;
  const blank = messageExpression !== '' && messageExpression.trim() === '';
  const field = child(path, 'messageExpression');
  return [
    ...(expression.trim() === '' ? [required(child(path, 'expression'), 'expression is not specified')] : []),
    ...validateExpression(expression, child(path, 'expression'), { scope, use: 'condition' }),
    ...(blank ? [invalidValue(field, messageExpression, 'must be non-empty if specified')] : []),
    ...validateExpression(messageExpression, field, { scope: { ...scope, authorizer: false }, use: 'message' }),
    ...validateMessage(message, child(path, 'message')),
    ...validateChoice(reason, child(path, 'reason'), REASONS),
  ];
}

function validateKey(key: string, path: string, policy: string): Findings {
  if (policy === '') return [invalidValue(path, key, 'requires metadata.name be non-empty')];
  return validateName(isQualifiedName, `${policy}/${key}`, path);
}

function validateAnnotation({ key = '', valueExpression = '' }: Annotation, path: string, about: About): Findings {
  const field = child(path, 'valueExpression');
  const expression = valueExpression.trim();
  const long = `must not exceed ${MAX_VALUE_EXPRESSION} bytes in length`;
  return [
    ...validateKey(key, child(path, 'key'), about.policy),
    ...(expression === '' ? [required(field, 'valueExpression is not specified')] : []),
    ...(utf8Length(expression) > MAX_VALUE_EXPRESSION
      ? [required(field, long)]
      : validateExpression(expression, field, { scope: about.scope, use: 'annotation' })),
  ];
}

/** The policy that an annotation is part of. */
interface About {
  readonly policy: string;
  readonly scope: ExpressionScope;
}

function validateAnnotations(annotations: Spec['auditAnnotations'], about: About): Findings {
  const path = 'spec.auditAnnotations';
  const many = (annotations?.length ?? 0) > MAX_ANNOTATIONS;
  return [
    ...(many ? [invalidValue(path, annotations, `must not have more than ${MAX_ANNOTATIONS} auditAnnotations`)] : []),
    ...validateEach(annotations, path, (annotation, at) => validateAnnotation(annotation, at, about)),
    ...validateUnique(annotations, path, ({ key = '' }) => key, 'key'),
  ];
}

/** `ValidateValidatingAdmissionPolicy`. */
export function validateValidatingPolicy({ metadata, spec = {} }: Object): Findings {
  const scope = policyScope(spec);
  const empty = (spec.validations ?? []).length + (spec.auditAnnotations ?? []).length === 0;
  return [
    ...(spec.failurePolicy === undefined ? [required('spec.failurePolicy')] : []),
    ...validateChoice(spec.failurePolicy, 'spec.failurePolicy', FAILURE_POLICIES),
    ...validateParamKind(spec.paramKind, 'spec.paramKind'),
    ...validateConstraints(spec.matchConstraints, 'spec.matchConstraints'),
    ...validateMatchConditions(spec.matchConditions, 'spec.matchConditions', spec.paramKind),
    ...validateVariables(spec.variables, 'spec.variables', spec.paramKind),
    ...(empty ? ['spec.validations', 'spec.auditAnnotations'].map((field) => required(field, NOTHING)) : []),
    ...validateEach(spec.validations, 'spec.validations', (each, at) => validateValidation(each, at, scope)),
    ...validateAnnotations(spec.auditAnnotations, { policy: metadata?.name ?? '', scope }),
  ];
}
