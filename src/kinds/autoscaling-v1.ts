import type { KubernetesObject } from '../machinery/object.ts';
import { fromAutoscalingV1, toAutoscalingV1 } from './autoscaling-v1-conversion.ts';
import { defineKind } from './define-kind.ts';
import type { KindDefinition } from './definition.ts';
import { horizontalPodAutoscalerKind } from './horizontal-pod-autoscaler.ts';
import { toStored, type ViewKind } from './view.ts';

const columns = horizontalPodAutoscalerKind.columns.map((column) => ({
  ...column,
  cell: (object: KubernetesObject, now: number) =>
    column.cell(toStored(horizontalPodAutoscalerV1Kind as ViewKind, object), now),
}));

/** autoscaling/v1 HorizontalPodAutoscaler: the same objects as in autoscaling/v2, as older clients know them. */
export const horizontalPodAutoscalerV1Kind: KindDefinition = defineKind({
  group: 'autoscaling',
  kind: 'HorizontalPodAutoscaler',
  shortNames: ['hpa'],
  categories: ['all'],
  hasStatus: true,
  columns,
  view: {
    of: horizontalPodAutoscalerKind,
    renames: {},
    convert: { toStored: fromAutoscalingV1, toViewed: toAutoscalingV1 },
  },
  support: { level: 'stored', note: 'The same objects as in autoscaling/v2.' },
});
