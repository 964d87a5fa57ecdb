import { ageColumn, column, nameColumn } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import { defined } from '../pod-spec/defined.ts';
import type { Draft, ValidatingAdmissionPolicy } from '../types.ts';
import { matchDefaults } from './match-defaults.ts';
import { formatParamKind } from './policy-columns.ts';
import { validateValidatingPolicy } from './validating-admission-policy-validation.ts';

type Object = Draft<ValidatingAdmissionPolicy>;

function applyDefaults(policy: Object): Object {
  const { spec = {} } = policy;
  const constraints = matchDefaults(spec.matchConstraints);
  return {
    ...policy,
    spec: { ...spec, failurePolicy: spec.failurePolicy ?? 'Fail', ...defined('matchConstraints', constraints) },
  };
}

/** admissionregistration.k8s.io/v1 ValidatingAdmissionPolicy. */
export const validatingAdmissionPolicyKind = defineKind<Object>({
  group: 'admissionregistration.k8s.io',
  kind: 'ValidatingAdmissionPolicy',
  requiresVersion: true,
  plural: 'validatingadmissionpolicies',
  categories: ['api-extensions'],
  namespaced: false,
  hasStatus: true,
  tracksGeneration: true,
  columns: [
    nameColumn,
    column('Validations', 'integer', 'How many expressions it checks.', (o) => (o.spec?.validations ?? []).length),
    column('ParamKind', 'string', 'Kind of its parameters.', (o) => formatParamKind(o.spec?.paramKind)),
    ageColumn,
  ],
  defaults: applyDefaults,
  validate: validateValidatingPolicy,
  support: { level: 'partial', note: 'Enforced in CEL; types are not checked ahead.' },
});
