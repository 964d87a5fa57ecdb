import { child, invalidValue, notSupported, required } from '../../machinery/field-path.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { validateEach } from '../each.ts';
import { defined } from '../pod-spec/defined.ts';
import type { Draft, MutatingAdmissionPolicy } from '../types.ts';
import type { Findings } from '../validation.ts';
import { type ExpressionScope, policyScope } from './expressions.ts';
import { matchDefaults } from './match-defaults.ts';
import {
  FAILURE_POLICIES,
  REINVOCATION_POLICIES,
  validateChoice,
  validateConstraints,
  validateExpression,
  validateMatchConditions,
  validateParamKind,
  validateVariables,
} from './match-validation.ts';
import { formatParamKind } from './policy-columns.ts';

type Object = Draft<MutatingAdmissionPolicy>;
type Mutation = NonNullable<NonNullable<Object['spec']>['mutations']>[number];

const PATCH_TYPES = ['ApplyConfiguration', 'JSONPatch'];
const OPERATIONS = ['*', 'CREATE', 'UPDATE'];

function validatePatch(mutation: Mutation, path: string, scope: ExpressionScope): Findings {
  const own = mutation.patchType === 'JSONPatch' ? 'jsonPatch' : 'applyConfiguration';
  const at = child(path, own);
  const patch = mutation[own];
  if (patch === undefined) return [required(at, `must be specified when patchType is ${mutation.patchType}`)];
  const expression = child(at, 'expression');
  if (!patch.expression?.trim()) return [required(expression)];
  return validateExpression(patch.expression.trim(), expression, { scope: { ...scope, patches: true }, use: own });
}

function validateMutation(mutation: Mutation, path: string, scope: ExpressionScope): Findings {
  const { patchType = '' } = mutation;
  const field = child(path, 'patchType');
  if (patchType === '') return [required(field)];
  if (patchType !== 'ApplyConfiguration' && patchType !== 'JSONPatch') {
    return [notSupported(field, patchType, PATCH_TYPES)];
  }
  const other = patchType === 'JSONPatch' ? 'applyConfiguration' : 'jsonPatch';
  const detail = `must not be specified when patchType is ${patchType}`;
  return [
    ...validatePatch(mutation, path, scope),
    ...(mutation[other] ? [invalidValue(child(path, other), `{${other}}`, detail)] : []),
  ];
}

/** Only what is created or updated can be changed. */
function validateOperations(match: NonNullable<Object['spec']>['matchConstraints']): Findings {
  const operations = (match?.resourceRules ?? []).flatMap((rule) => rule.operations ?? []);
  return operations
    .filter((operation) => !OPERATIONS.includes(operation))
    .map((operation) => notSupported('spec.matchConstraints.resourceRules.operations', operation, OPERATIONS));
}

/** `ValidateMutatingAdmissionPolicy`. */
function validate({ spec = {} }: Object): Findings {
  const needed = (['failurePolicy', 'reinvocationPolicy'] as const).filter((field) => spec[field] === undefined);
  const empty = (spec.mutations ?? []).length === 0;
  const scope = policyScope(spec);
  return [
    ...needed.map((field) => required(`spec.${field}`)),
    ...validateChoice(spec.failurePolicy, 'spec.failurePolicy', FAILURE_POLICIES),
    ...validateChoice(spec.reinvocationPolicy, 'spec.reinvocationPolicy', REINVOCATION_POLICIES),
    ...validateParamKind(spec.paramKind, 'spec.paramKind'),
    ...validateConstraints(spec.matchConstraints, 'spec.matchConstraints'),
    ...validateOperations(spec.matchConstraints),
    ...validateMatchConditions(spec.matchConditions, 'spec.matchConditions', spec.paramKind),
    ...validateVariables(spec.variables, 'spec.variables', spec.paramKind),
    ...(empty ? [required('spec.mutations', 'mutations must contain at least one item')] : []),
    ...validateEach(spec.mutations, 'spec.mutations', (each, at) => validateMutation(each, at, scope)),
  ];
}

function applyDefaults(policy: Object): Object {
  const { spec = {} } = policy;
  const constraints = matchDefaults(spec.matchConstraints);
  return {
    ...policy,
    spec: { ...spec, failurePolicy: spec.failurePolicy ?? 'Fail', ...defined('matchConstraints', constraints) },
  };
}

/** admissionregistration.k8s.io/v1 MutatingAdmissionPolicy. */
export const mutatingAdmissionPolicyKind = defineKind<Object>({
  group: 'admissionregistration.k8s.io',
  kind: 'MutatingAdmissionPolicy',
  requiresVersion: true,
  plural: 'mutatingadmissionpolicies',
  categories: ['api-extensions'],
  namespaced: false,
  tracksGeneration: true,
  columns: [
    nameColumn,
    column('Mutations', 'integer', 'How many changes it makes.', (o) => (o.spec?.mutations ?? []).length),
    column('ParamKind', 'string', 'Kind of its parameters.', (o) => formatParamKind(o.spec?.paramKind)),
    ageColumn,
  ],
  defaults: applyDefaults,
  validate,
  support: { level: 'full', note: 'Enforced in CEL.' },
});
