import { column, formatLabels, nameColumn, templateColumns } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { templateWarnings } from './pod-spec/pod-spec-warnings.ts';
import { applyTemplateDefaults } from './pod-template-defaults.ts';
import { validateTemplate } from './pod-template-validation.ts';
import type { Draft, PodTemplate } from './types.ts';

type Object = Draft<PodTemplate>;

/** core/v1 PodTemplate. */
export const podTemplateKind = defineKind<Object>({
  kind: 'PodTemplate',
  tracksGeneration: true,
  columns: [
    nameColumn,
    ...templateColumns<Object>((o) => o.template).map((each) => ({ ...each, priority: 0 as const })),
    column('Pod Labels', 'string', 'Labels of its pods.', (o) => formatLabels(o.template?.metadata?.labels)),
  ],
  defaults: (object) => ({ ...object, template: applyTemplateDefaults(object.template ?? {}) }),
  validate: (object) => validateTemplate(object.template, 'template'),
  warnings: (object) => templateWarnings(object.template, 'template'),
});
