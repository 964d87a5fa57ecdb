import type { Draft, HorizontalPodAutoscaler, MetricSpec, Sparse } from './types.ts';

type Object = Draft<HorizontalPodAutoscaler>;
type Behavior = NonNullable<NonNullable<Object['spec']>['behavior']>;
type Rules = Behavior['scaleUp'];

/** 80 % of the requested CPU. */
const DEFAULT_METRICS: readonly Sparse<MetricSpec>[] = [
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
];

const UP: NonNullable<Rules> = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};

const DOWN: NonNullable<Rules> = {
  selectPolicy: 'Max',
  policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }],
};

function withRules(rules: Rules, fallback: NonNullable<Rules>): Rules {
  return { ...fallback, ...rules };
}

/** `SetDefaults_HorizontalPodAutoscaler`. */
export function applyAutoscalerDefaults(object: Object): Object {
  const { spec = {} } = object;
  const behavior = spec.behavior && {
    ...spec.behavior,
    scaleUp: withRules(spec.behavior.scaleUp, UP),
    scaleDown: withRules(spec.behavior.scaleDown, DOWN),
  };
  return {
    ...object,
    spec: {
      ...spec,
      minReplicas: spec.minReplicas ?? 1,
      metrics: spec.metrics && spec.metrics.length > 0 ? spec.metrics : DEFAULT_METRICS,
      ...(behavior ? { behavior } : {}),
    },
  };
}
