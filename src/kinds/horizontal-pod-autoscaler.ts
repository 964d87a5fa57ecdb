import { ageColumn, column, nameColumn } from './columns.ts';
import { defineKind } from './define-kind.ts';
import { applyAutoscalerDefaults } from './horizontal-pod-autoscaler-defaults.ts';
import { formatMetrics } from './horizontal-pod-autoscaler-metrics.ts';
import { validateAutoscaler } from './horizontal-pod-autoscaler-validation.ts';
import { validateCounts } from './status/counts.ts';
import type { Draft, HorizontalPodAutoscaler } from './types.ts';

type Object = Draft<HorizontalPodAutoscaler>;

function reference(autoscaler: Object): string {
  const target = autoscaler.spec?.scaleTargetRef;
  return `${target?.kind ?? ''}/${target?.name ?? ''}`;
}

/** autoscaling/v2 HorizontalPodAutoscaler. */
export const horizontalPodAutoscalerKind = defineKind<Object>({
  group: 'autoscaling',
  version: 'v2',
  kind: 'HorizontalPodAutoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  hasStatus: true,
  columns: [
    nameColumn,
    column('Reference', 'string', 'What it scales.', reference),
    column('Targets', 'string', 'Current values against their targets.', (o) =>
      formatMetrics(o.spec?.metrics ?? [], o.status?.currentMetrics ?? []),
    ),
    column('MinPods', 'string', 'Fewest pods.', (o) =>
      o.spec?.minReplicas === undefined ? '<unset>' : String(o.spec.minReplicas),
    ),
    column('MaxPods', 'string', 'Most pods.', (o) => o.spec?.maxReplicas ?? 0),
    column('Replicas', 'string', 'Pods now.', (o) => o.status?.currentReplicas ?? 0),
    ageColumn,
  ],
  defaults: applyAutoscalerDefaults,
  validate: validateAutoscaler,
  validateThrough: { status: validateCounts({ counts: ['currentReplicas', 'desiredReplicas'] }) },
  support: {
    level: 'partial',
    note: 'By processor time and memory of pods and containers, with behaviors. Custom and external metrics are told to be missing.',
  },
});
