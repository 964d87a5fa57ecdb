import { child, forbiddenField, notSupported, required } from '../../machinery/field-path.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { validateEach } from '../each.ts';
import { defined } from '../pod-spec/defined.ts';
import type { Draft, MutatingAdmissionPolicy } from '../types.ts';
import type { Findings } from '../validation.ts';
import { matchDefaults } from './match-defaults.ts';
import {
  FAILURE_POLICIES,
  REINVOCATION_POLICIES,
  validateChoice,
  validateConstraints,
  validateMatchConditions,
  validateParamKind,
  validateVariables,
} from './match-validation.ts';
import { formatParamKind } from './policy-columns.ts';

type Object = Draft<MutatingAdmissionPolicy>;
type Mutation = NonNullable<NonNullable<Object['spec']>['mutations']>[number];

const PATCHES = { ApplyConfiguration: 'applyConfiguration', JSONPatch: 'jsonPatch' } as const;

function validateMutation(mutation: Mutation, path: string): Findings {
  const { patchType = '' } = mutation;
  const field = child(path, 'patchType');
  if (patchType === '') return [required(field)];
  if (patchType !== 'ApplyConfiguration' && patchType !== 'JSONPatch') {
    return [notSupported(field, patchType, Object.keys(PATCHES))];
  }
  const [own, other] =
    patchType === 'JSONPatch'
      ? (['jsonPatch', 'applyConfiguration'] as const)
      : (['applyConfiguration', 'jsonPatch'] as const);
  const expression = child(path, own, 'expression');
  return [
    ...(mutation[own] ? [] : [required(child(path, own), `must be specified when patchType is ${patchType}`)]),
    ...(mutation[own] && !mutation[own].expression?.trim()
      ? [required(expression, 'expression is not specified')]
      : []),
    ...(mutation[other]
      ? [forbiddenField(child(path, other), `may not be specified when patchType is ${patchType}`)]
      : []),
  ];
}

/** `ValidateMutatingAdmissionPolicy`, but for the syntax and types of its expressions. */
function validate({ spec = {} }: Object): Findings {
  const needed = (['failurePolicy', 'reinvocationPolicy'] as const).filter((field) => spec[field] === undefined);
  const empty = (spec.mutations ?? []).length === 0;
  return [
    ...needed.map((field) => required(`spec.${field}`)),
    ...validateChoice(spec.failurePolicy, 'spec.failurePolicy', FAILURE_POLICIES),
    ...validateChoice(spec.reinvocationPolicy, 'spec.reinvocationPolicy', REINVOCATION_POLICIES),
    ...validateParamKind(spec.paramKind, 'spec.paramKind'),
    ...validateConstraints(spec.matchConstraints, 'spec.matchConstraints'),
    ...validateMatchConditions(spec.matchConditions, 'spec.matchConditions'),
    ...validateVariables(spec.variables, 'spec.variables'),
    ...(empty ? [required('spec.mutations', 'mutations must contain at least one item')] : []),
    ...validateEach(spec.mutations, 'spec.mutations', validateMutation),
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
  plural: 'mutatingadmissionpolicies',
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
});
