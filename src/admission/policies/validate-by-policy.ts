import type { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../../kinds/types.ts';
import { RUNTIME_BUDGET } from '../../machinery/cel/compile.ts';
import { CostMeter } from '../../machinery/cel/evaluate.ts';
import { printType } from '../../machinery/cel/types.ts';
import { typeOf } from '../../machinery/cel/values.ts';
import type { KubernetesObject } from '../../machinery/object.ts';
import { versioned } from '../dynamic/attributes.ts';
import { evaluate, matchesConditions, type Sourced, withComposed } from '../dynamic/evaluate.ts';
import { remembered } from '../dynamic/remembered.ts';
import { admissionVariables } from '../dynamic/variables.ts';
import type { DynamicRequest } from '../plugin.ts';
import { compilePolicy } from './compile-policy.ts';
import { type Invocation, type PolicyServices, requestNamespace } from './invocations.ts';

type ValidatingInvocation = Invocation<ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding>;
type Validation = NonNullable<NonNullable<ValidatingAdmissionPolicy['spec']>['validations']>[number];

/** A validation that an object failed, or that couldn't be asked. */
export interface Denial {
  readonly message: string;
  readonly reason: string;
  /** Position of the expression. */
  readonly index: number;
}

/** What one policy, binding and parameters say about a request. */
export interface Verdict {
  readonly denials: readonly Denial[];
  readonly annotations: readonly { readonly key: string; readonly value: string }[];
  /** What is wrong with the annotations' expressions; denies. */
  readonly annotationErrors: readonly string[];
}

const NOTHING: Verdict = { denials: [], annotations: [], annotationErrors: [] };
const MAX_MESSAGE = 5 * 1024;
const MAX_ANNOTATION = 10 * 1024;

const compiledOf = remembered((policy: KubernetesObject) => {
  const { spec = {} } = policy as ValidatingAdmissionPolicy;
  const { compile, ...common } = compilePolicy(spec);
  return {
    ...common,
    validations: (spec.validations ?? []).map((validation) => ({
      validation,
      expression: compile(validation.expression, 'condition'),
      message: validation.messageExpression
        ? compile(validation.messageExpression, 'message', { authorizer: false })
        : undefined,
    })),
    annotations: (spec.auditAnnotations ?? []).map(({ key, valueExpression }) => ({
      key,
      expression: compile(valueExpression, 'annotation'),
    })),
  };
});

type Compiled = ReturnType<typeof compiledOf>;
type Check = Compiled['validations'][number];

interface Evaluating {
  readonly variables: ReadonlyMap<string, unknown>;
  readonly meter: CostMeter;
  /** What happens with expressions that fail. */
  readonly denies: boolean;
}

function madeMessage(message: Sourced | undefined, { variables, meter }: Evaluating): string {
  if (message === undefined) return '';
  const made = evaluate(message, variables, meter);
  const text = made.ok && typeof made.value === 'string' ? made.value.trim() : '';
  return text.length > MAX_MESSAGE || text.includes('\n') ? '' : text;
}

function messageOf({ validation, message }: Check, evaluating: Evaluating): string {
  const { expression, message: given = '' }: Validation = validation;
  return madeMessage(message, evaluating) || given.trim() || `failed expression: ${expression.trim()}`;
}

function checkAll(checks: Compiled['validations'], evaluating: Evaluating): readonly Denial[] {
  const denials: Denial[] = [];
  for (const [index, check] of checks.entries()) {
    const result = evaluate(check.expression, evaluating.variables, evaluating.meter);
    const reason = check.validation.reason ?? 'Invalid';
    if (result.ok) {
      if (result.value !== true) denials.push({ message: messageOf(check, evaluating), reason, index });
      continue;
    }
    // Without budget nothing that was said before counts.
    const denial = { message: result.message, reason: 'Invalid', index };
    if (result.outOfBudget) return evaluating.denies ? [denial] : [];
    if (evaluating.denies) denials.push(denial);
  }
  return denials;
}

function annotate({ annotations }: Compiled, evaluating: Evaluating): Omit<Verdict, 'denials'> {
  const published: { readonly key: string; readonly value: string }[] = [];
  const errors: string[] = [];
  for (const { key, expression } of annotations) {
    const result = evaluate(expression, evaluating.variables, evaluating.meter);
    if (!result.ok) {
      if (evaluating.denies) errors.push(result.message);
    } else if (typeof result.value === 'string') {
      const value = result.value.trim().slice(0, MAX_ANNOTATION);
      if (value !== '') published.push({ key, value });
    } else if (result.value !== null) {
      const type = printType(typeOf(result.value));
      const wanted = 'Return type must be either string or null.';
      errors.push(`valueExpression '${expression.source}' resulted in unsupported return type: ${type}. ${wanted}`);
    }
  }
  return { annotations: published, annotationErrors: errors };
}

/** Asks one policy about a request. */
export function validateByPolicy(
  request: DynamicRequest,
  { policy, kind, params }: ValidatingInvocation,
  { lookup, authorize }: PolicyServices,
): Verdict {
  const compiled = compiledOf(policy);
  const denies = policy.spec?.failurePolicy !== 'Ignore';
  const evaluated = { request, kind, authorize, params, objects: versioned(request, kind) };
  const bare = admissionVariables({ ...evaluated, namespace: undefined });
  if (compiled.conditions.length > 0) {
    const meter = new CostMeter(RUNTIME_BUDGET);
    const composed = withComposed(bare, compiled.variables, meter);
    const matches = matchesConditions(compiled.conditions, composed, policy.spec?.failurePolicy);
    if (matches === false) return NOTHING;
    if (matches !== true) return { ...NOTHING, denials: [{ message: matches.error, reason: 'Invalid', index: 0 }] };
  }
  const namespace = requestNamespace(request, lookup);
  const full = admissionVariables({ ...evaluated, namespace });
  const evaluating = (): Evaluating => {
    const meter = new CostMeter(RUNTIME_BUDGET);
    return { variables: withComposed(full, compiled.variables, meter), meter, denies };
  };
  return { denials: checkAll(compiled.validations, evaluating()), ...annotate(compiled, evaluating()) };
}
