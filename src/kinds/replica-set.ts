import { ageColumn, column, nameColumn, selectorColumn, templateColumns } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { templateWarnings } from './pod-spec/pod-spec-warnings.ts';
import { applyTemplateDefaults } from './pod-template-defaults.ts';
import { validateReplicaSet, validateReplicaSetUpdate } from './replica-set-validation.ts';
import { validateCounts } from './status/counts.ts';
import { scaleSubresource } from './subresources.ts';
import type { Draft, ReplicaSet } from './types.ts';

type Object = Draft<ReplicaSet>;

/** `SetDefaults_ReplicaSet`. */
function applyDefaults(set: Object): Object {
  const template = applyTemplateDefaults(set.spec?.template ?? {});
  return { ...set, spec: { ...set.spec, replicas: set.spec?.replicas ?? 1, template } };
}

/** Upstream's new objects say at once that there are no pods yet. */
function withZeroReplicas(set: Object): Object {
  return { ...set, status: { replicas: 0 } };
}

/** apps/v1 ReplicaSet. */
export const replicaSetKind = defineKind<Object>({
  group: 'apps',
  kind: 'ReplicaSet',
  shortNames: ['rs'],
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
    selectorColumn((o) => o.spec?.selector),
  ],
  selectableFields: { 'status.replicas': (o) => String(o.status?.replicas ?? 0) },
  prepareForCreate: withZeroReplicas,
  defaults: applyDefaults,
  validate: validateReplicaSet,
  validateUpdate: validateReplicaSetUpdate,
  validateThrough: {
    status: validateCounts({
      counts: [
        'replicas',
        'fullyLabeledReplicas',
        'readyReplicas',
        'availableReplicas',
        'observedGeneration',
        'terminatingReplicas',
      ],
      withinReplicas: ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'],
      readyIs: 'readyReplicas',
    }),
  },
  warnings: (set) => templateWarnings(set.spec?.template, 'spec.template'),
  support: { level: 'full', note: 'Keeps the number of pods.' },
});
