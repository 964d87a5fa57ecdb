import { semanticEqual } from '../machinery/deep.ts';
import { ageColumn, column, formatLabels, nameColumn, selectorColumn, templateColumns } from './columns.ts';
import { validateDaemonSet, validateDaemonSetUpdate } from './daemon-set-validation.ts';
import { defineKind } from './define-kind.ts';
import { templateWarnings } from './pod-spec/pod-spec-warnings.ts';
import { applyTemplateDefaults } from './pod-template-defaults.ts';
import { validateCounts } from './status/counts.ts';
import type { DaemonSet, Draft, Sparse } from './types.ts';

type Object = Draft<DaemonSet>;
type Strategy = NonNullable<Sparse<DaemonSet>['spec']>['updateStrategy'];

function strategyDefaults(strategy: Strategy): Strategy {
  const type = strategy?.type || 'RollingUpdate';
  if (type !== 'RollingUpdate') return { ...strategy, type };
  const { maxUnavailable = 1, maxSurge = 0 } = strategy?.rollingUpdate ?? {};
  return { ...strategy, type, rollingUpdate: { maxUnavailable, maxSurge } };
}

/** `SetDefaults_DaemonSet`. */
function applyDefaults(set: Object): Object {
  const spec = set.spec ?? {};
  return {
    ...set,
    spec: {
      ...spec,
      updateStrategy: strategyDefaults(spec.updateStrategy),
      revisionHistoryLimit: spec.revisionHistoryLimit ?? 10,
      template: applyTemplateDefaults(spec.template ?? {}),
    },
  };
}

/** The generation of the template from when it was a field of its own. */
const TEMPLATE_GENERATION = 'deprecated.daemonset.template.generation';

function withTemplateGeneration(metadata: Object['metadata'], generation: string): Object['metadata'] {
  return { ...metadata, annotations: { ...metadata?.annotations, [TEMPLATE_GENERATION]: generation } };
}

/** One more when the template changes. */
function nextTemplateGeneration(set: Object, old: Object): Object {
  const before = old.metadata?.annotations?.[TEMPLATE_GENERATION];
  const changed = !semanticEqual(applyDefaults(set).spec?.template, old.spec?.template);
  const next = String((Number(before) || 1) + (changed ? 1 : 0));
  return before === undefined && !changed ? set : { ...set, metadata: withTemplateGeneration(set.metadata, next) };
}

/** apps/v1 DaemonSet. */
export const daemonSetKind = defineKind<Object>({
  group: 'apps',
  kind: 'DaemonSet',
  shortNames: ['ds'],
  categories: ['all'],
  hasStatus: true,
  tracksGeneration: true,
  columns: [
    nameColumn,
    column('Desired', 'integer', 'Nodes that should run it.', (o) => o.status?.desiredNumberScheduled ?? 0),
    column('Current', 'integer', 'Nodes that run it.', (o) => o.status?.currentNumberScheduled ?? 0),
    column('Ready', 'integer', 'Nodes where it is ready.', (o) => o.status?.numberReady ?? 0),
    column('Up-to-date', 'integer', 'Nodes with the current template.', (o) => o.status?.updatedNumberScheduled ?? 0),
    column(
      'Available',
      'integer',
      'Nodes where it has been ready for long enough.',
      (o) => o.status?.numberAvailable ?? 0,
    ),
    column('Node Selector', 'string', 'Which nodes.', (o) => formatLabels(o.spec?.template?.spec?.nodeSelector)),
    ageColumn,
    ...templateColumns<Object>((o) => o.spec?.template),
    selectorColumn((o) => o.spec?.selector),
  ],
  prepareForCreate: (set) => ({
    ...set,
    metadata: withTemplateGeneration(set.metadata, '1'),
    status: { currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 },
  }),
  prepareForUpdate: nextTemplateGeneration,
  defaults: applyDefaults,
  validate: validateDaemonSet,
  validateUpdate: validateDaemonSetUpdate,
  validateThrough: {
    status: validateCounts({
      counts: [
        'currentNumberScheduled',
        'numberMisscheduled',
        'desiredNumberScheduled',
        'numberReady',
        'observedGeneration',
        'updatedNumberScheduled',
        'numberAvailable',
        'numberUnavailable',
        'collisionCount',
      ],
      collisions: true,
    }),
  },
  warnings: (set) => templateWarnings(set.spec?.template, 'spec.template'),
  support: {
    level: 'full',
    note: 'One pod on this node where it fits; rolling updates with surge, revisions and rollback.',
  },
});
