import { duplicate, invalidValue, notSupported, required } from '../../machinery/field-path.ts';
import { isDns1123Subdomain } from '../../machinery/names.ts';
import type { Column } from '../../machinery/table.ts';
import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { validateEach } from '../each.ts';
import { defined } from '../pod-spec/defined.ts';
import type { Draft, MutatingAdmissionPolicyBinding, ValidatingAdmissionPolicyBinding } from '../types.ts';
import { type Findings, validateRequiredName } from '../validation.ts';
import { matchDefaults } from './match-defaults.ts';
import { validateMatch, validateParamRef } from './match-validation.ts';
import { formatParamRef } from './policy-columns.ts';

type Mutating = Draft<MutatingAdmissionPolicyBinding>;
type Validating = Draft<ValidatingAdmissionPolicyBinding>;

const ACTIONS = ['Audit', 'Deny', 'Warn'];

const columns: readonly Column<Mutating>[] = [
  nameColumn,
  column('PolicyName', 'string', 'Policy that it puts to work.', (o) => o.spec?.policyName ?? ''),
  column('ParamRef', 'string', 'Parameters of the policy.', (o) => formatParamRef(o.spec?.paramRef)),
  ageColumn,
];

function applyDefaults<T extends Mutating>(binding: T): T {
  const match = matchDefaults(binding.spec?.matchResources);
  return { ...binding, spec: { ...binding.spec, ...defined('matchResources', match) } };
}

function validateBinding({ spec = {} }: Mutating): Findings {
  return [
    ...validateRequiredName(isDns1123Subdomain, spec.policyName, 'spec.policyName'),
    ...validateParamRef(spec.paramRef, 'spec.paramRef'),
    ...validateMatch(spec.matchResources, 'spec.matchResources'),
  ];
}

/** `validateValidationActions`. */
function validateActions(actions: readonly string[], path: string): Findings {
  const twice =
    'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
  return [
    ...validateEach(actions, path, (action, at, position) => [
      ...(ACTIONS.includes(action) ? [] : [notSupported(at, action, ACTIONS)]),
      ...(actions.indexOf(action) < position ? [duplicate(at, action)] : []),
    ]),
    ...(actions.includes('Deny') && actions.includes('Warn') ? [invalidValue(path, actions, twice)] : []),
    ...(actions.length === 0 ? [required(path, 'at least one validation action is required')] : []),
  ];
}

/** admissionregistration.k8s.io/v1 ValidatingAdmissionPolicyBinding. */
export const validatingAdmissionPolicyBindingKind = defineKind<Validating>({
  group: 'admissionregistration.k8s.io',
  kind: 'ValidatingAdmissionPolicyBinding',
  requiresVersion: true,
  categories: ['api-extensions'],
  namespaced: false,
  tracksGeneration: true,
  support: { level: 'full', note: 'Puts a policy to work.' },
  columns,
  defaults: applyDefaults,
  validate: (binding) => [
    ...validateBinding(binding),
    ...validateActions(binding.spec?.validationActions ?? [], 'spec.validationActions'),
  ],
});

/** admissionregistration.k8s.io/v1 MutatingAdmissionPolicyBinding. */
export const mutatingAdmissionPolicyBindingKind = defineKind<Mutating>({
  group: 'admissionregistration.k8s.io',
  kind: 'MutatingAdmissionPolicyBinding',
  requiresVersion: true,
  categories: ['api-extensions'],
  namespaced: false,
  tracksGeneration: true,
  support: { level: 'full', note: 'Puts a policy to work.' },
  columns,
  defaults: applyDefaults,
  validate: validateBinding,
});
