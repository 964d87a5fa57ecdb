import { ageColumn, nameColumn } from '../columns.ts';
import { defineKind } from '../define-kind.ts';
import type { Draft, ResourceClaimTemplate } from '../types.ts';
import { validateImmutable } from '../validation.ts';
import { validateDeviceClaim } from './device-request-validation.ts';
import { applyClaimDefaults } from './resource-claim-defaults.ts';

type Object = Draft<ResourceClaimTemplate>;

/** resource.k8s.io/v1 ResourceClaimTemplate. */
export const resourceClaimTemplateKind = defineKind<Object>({
  group: 'resource.k8s.io',
  kind: 'ResourceClaimTemplate',
  columns: [nameColumn, ageColumn],
  defaults: (template) => ({
    ...template,
    spec: { ...template.spec, spec: applyClaimDefaults(template.spec?.spec ?? {}) },
  }),
  validate: (template) => validateDeviceClaim(template.spec?.spec?.devices ?? {}, 'spec.spec.devices'),
  validateUpdate: (template, old) => validateImmutable(template.spec, old.spec, 'spec'),
});
