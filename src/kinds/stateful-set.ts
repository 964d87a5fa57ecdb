import { ageColumn, column, nameColumn, templateColumns } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { applyClaimSpecDefaults } from './persistent-volume-claim-defaults.ts';
import { defined } from './pod-spec/defined.ts';
import { templateWarnings } from './pod-spec/pod-spec-warnings.ts';
import { applyTemplateDefaults } from './pod-template-defaults.ts';
import { validateStatefulSet, validateStatefulSetUpdate } from './stateful-set-validation.ts';
import { validateCounts } from './status/counts.ts';
import { scaleSubresource } from './subresources.ts';
import type { Draft, Sparse, StatefulSet } from './types.ts';

type Object = Draft<StatefulSet>;
type Strategy = NonNullable<Sparse<StatefulSet>['spec']>['updateStrategy'];

function strategyDefaults(strategy: Strategy): Strategy {
  const type = strategy?.type || 'RollingUpdate';
  if (type !== 'RollingUpdate') return { ...strategy, type };
  const rollingUpdate = { ...strategy?.rollingUpdate, partition: strategy?.rollingUpdate?.partition ?? 0 };
  return { ...strategy, type, rollingUpdate };
}

function claimTemplateDefaults(spec: NonNullable<Object['spec']>): Object['spec'] {
  const templates = spec.volumeClaimTemplates?.map((claim) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    ...claim,
    spec: applyClaimSpecDefaults(claim.spec ?? {}),
    status: { ...claim.status, phase: claim.status?.phase || 'Pending' },
  }));
  return defined('volumeClaimTemplates', templates);
}

/** `SetDefaults_StatefulSet`. */
function applyDefaults(set: Object): Object {
  const spec = set.spec ?? {};
  const retention = spec.persistentVolumeClaimRetentionPolicy;
  return {
    ...set,
    spec: {
      ...spec,
      podManagementPolicy: spec.podManagementPolicy || 'OrderedReady',
      updateStrategy: strategyDefaults(spec.updateStrategy),
      persistentVolumeClaimRetentionPolicy: {
        whenDeleted: retention?.whenDeleted || 'Retain',
        whenScaled: retention?.whenScaled || 'Retain',
      },
      replicas: spec.replicas ?? 1,
      revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
      template: applyTemplateDefaults(spec.template ?? {}),
      ...claimTemplateDefaults(spec),
    },
  };
}

/** apps/v1 StatefulSet. */
export const statefulSetKind = defineKind<Object>({
  group: 'apps',
  kind: 'StatefulSet',
  shortNames: ['sts'],
  categories: ['all'],
  hasStatus: true,
  subresources: [scaleSubresource],
  tracksGeneration: true,
  nameRule: 'dns-label',
  columns: [
    nameColumn,
    column('Ready', 'string', 'Ready pods of those wanted.', (o) =>
      [o.status?.readyReplicas ?? 0, o.spec?.replicas ?? 0].join('/'),
    ),
    ageColumn,
    ...templateColumns<Object>((o) => o.spec?.template),
  ],
  prepareForCreate: (set) => ({ ...set, status: { replicas: 0 } }),
  defaults: applyDefaults,
  validate: validateStatefulSet,
  validateUpdate: validateStatefulSetUpdate,
  validateThrough: {
    status: validateCounts({
      counts: [
        'replicas',
        'readyReplicas',
        'currentReplicas',
        'updatedReplicas',
        'availableReplicas',
        'observedGeneration',
        'collisionCount',
      ],
      withinReplicas: ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'],
      readyIs: 'status.readyReplicas',
      collisions: true,
    }),
  },
  warnings: (set) => templateWarnings(set.spec?.template, 'spec.template'),
  support: {
    level: 'full',
    note: 'Ordered or parallel, claims and their retention, partitions, revisions and rollback.',
  },
});
