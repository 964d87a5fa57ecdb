import { ageColumn, column, nameColumn, selectorColumn, templateColumns } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { validateDeployment, validateDeploymentUpdate } from './deployment-validation.ts';
import { templateWarnings } from './pod-spec/pod-spec-warnings.ts';
import { applyTemplateDefaults } from './pod-template-defaults.ts';
import { validateCounts } from './status/counts.ts';
import { scaleSubresource } from './subresources.ts';
import type { Deployment, DeploymentSpec, Draft, Sparse } from './types.ts';

type Object = Draft<Deployment>;
type Spec = Sparse<DeploymentSpec>;

function strategyDefaults(strategy: Spec['strategy']): Spec['strategy'] {
  const type = strategy?.type || 'RollingUpdate';
  if (type !== 'RollingUpdate') return { ...strategy, type };
  const { maxUnavailable = '25%', maxSurge = '25%' } = strategy?.rollingUpdate ?? {};
  return { ...strategy, type, rollingUpdate: { maxUnavailable, maxSurge } };
}

/** `SetDefaults_Deployment`. */
function applyDefaults(deployment: Object): Object {
  const spec: Spec = deployment.spec ?? {};
  return {
    ...deployment,
    spec: {
      ...spec,
      replicas: spec.replicas ?? 1,
      revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
      progressDeadlineSeconds: spec.progressDeadlineSeconds ?? 600,
      strategy: strategyDefaults(spec.strategy),
      template: applyTemplateDefaults(spec.template ?? {}),
    },
  };
}

/** apps/v1 Deployment. */
export const deploymentKind = defineKind<Object>({
  group: 'apps',
  kind: 'Deployment',
  shortNames: ['deploy'],
  categories: ['all'],
  hasStatus: true,
  subresources: [scaleSubresource],
  tracksGeneration: true,
  columns: [
    nameColumn,
    column('Ready', 'string', 'Ready pods of those wanted.', (o) =>
      [o.status?.readyReplicas ?? 0, o.spec?.replicas ?? 0].join('/'),
    ),
    column('Up-to-date', 'string', 'Pods of the current template.', (o) => o.status?.updatedReplicas ?? 0),
    column(
      'Available',
      'string',
      'Pods that have been ready for long enough.',
      (o) => o.status?.availableReplicas ?? 0,
    ),
    ageColumn,
    ...templateColumns<Object>((o) => o.spec?.template),
    selectorColumn((o) => o.spec?.selector),
  ],
  defaults: applyDefaults,
  validate: validateDeployment,
  validateUpdate: validateDeploymentUpdate,
  validateThrough: {
    status: validateCounts({
      counts: [
        'observedGeneration',
        'replicas',
        'updatedReplicas',
        'readyReplicas',
        'availableReplicas',
        'unavailableReplicas',
        'terminatingReplicas',
        'collisionCount',
      ],
      withinReplicas: ['updatedReplicas', 'readyReplicas', 'availableReplicas'],
      readyIs: 'readyReplicas',
      collisions: true,
    }),
  },
  warnings: (deployment) => templateWarnings(deployment.spec?.template, 'spec.template'),
  support: { level: 'full', note: 'Rolling updates, rollback and scale.' },
});
