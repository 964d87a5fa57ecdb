import { ageColumn, column, formatLabels, nameColumn, templateColumns, wideColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { defined } from './pod-spec/defined.ts';
import { templateWarnings } from './pod-spec/pod-spec-warnings.ts';
import { applyTemplateDefaults } from './pod-template-defaults.ts';
import { validateReplicationController } from './replication-controller-validation.ts';
import { validateCounts } from './status/counts.ts';
import { scaleSubresource } from './subresources.ts';
import type { Draft, ReplicationController } from './types.ts';

type Object = Draft<ReplicationController>;

/** `SetDefaults_ReplicationController`: selector and labels come from the template where absent. */
function applyDefaults(controller: Object): Object {
  const spec = controller.spec ?? {};
  const labels = spec.template?.metadata?.labels;
  const own = controller.metadata?.labels;
  const inherited = labels && Object.keys(own ?? {}).length === 0;
  return {
    ...controller,
    ...(inherited ? { metadata: { ...controller.metadata, labels } } : {}),
    spec: {
      ...spec,
      replicas: spec.replicas ?? 1,
      ...defined('selector', Object.keys(spec.selector ?? {}).length > 0 ? spec.selector : labels),
      ...defined('template', applyTemplateDefaults(spec.template)),
    },
  };
}

/** core/v1 ReplicationController. */
export const replicationControllerKind = defineKind<Object>({
  kind: 'ReplicationController',
  shortNames: ['rc'],
  categories: ['all'],
  hasStatus: true,
  subresources: [scaleSubresource],
  tracksGeneration: true,
  columns: [
    nameColumn,
    column('Desired', 'integer', 'Pods wanted.', (o) => o.spec?.replicas ?? 0),
    column('Current', 'integer', 'Pods that exist.', (o) => o.status?.replicas ?? 0),
    column('Ready', 'integer', 'Pods that are ready.', (o) => o.status?.readyReplicas ?? 0),
    ageColumn,
    ...templateColumns<Object>((o) => o.spec?.template),
    wideColumn('Selector', 'string', 'Which pods it owns.', (o) => formatLabels(o.spec?.selector)),
  ],
  selectableFields: { 'status.replicas': (o) => String(o.status?.replicas ?? 0) },
  prepareForCreate: (controller) => ({ ...controller, status: { replicas: 0 } }),
  defaults: applyDefaults,
  validate: validateReplicationController,
  validateThrough: {
    status: validateCounts({
      counts: ['replicas', 'fullyLabeledReplicas', 'readyReplicas', 'availableReplicas', 'observedGeneration'],
      withinReplicas: ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
      readyIs: 'readyReplicas',
    }),
  },
  warnings: (controller) => templateWarnings(controller.spec?.template, 'spec.template'),
  support: { level: 'full', note: 'Keeps the number of pods.' },
});
