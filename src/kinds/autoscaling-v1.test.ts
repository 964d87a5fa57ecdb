import fc from 'fast-check';
import { expect, test } from 'vitest';
import { objectOf } from './arbitrary-object.ts';
import { horizontalPodAutoscalerV1Kind } from './autoscaling-v1.ts';
import { horizontalPodAutoscalerKind } from './horizontal-pod-autoscaler.ts';
import { toStored, toViewed, type ViewKind } from './view.ts';

const kind = horizontalPodAutoscalerV1Kind as ViewKind;

const current = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web', annotations: { mine: 'stays' } },
  spec: {
    scaleTargetRef: { kind: 'Deployment', name: 'web' },
    maxReplicas: 3,
    metrics: [
      { type: 'Pods', pods: { metric: { name: 'rps' }, target: { type: 'AverageValue', averageValue: '5' } } },
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 60 } } },
    ],
    behavior: { scaleUp: { stabilizationWindowSeconds: 5 } },
  },
  status: {
    desiredReplicas: 2,
    currentReplicas: 2,
    conditions: [{ type: 'AbleToScale', status: 'True' }],
    currentMetrics: [
      { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 12, averageValue: '3m' } } },
    ],
  },
};

test('the older version has one number for the CPU, and the rest in annotations', () => {
  expect(toViewed(kind, current)).toEqual({
    apiVersion: 'autoscaling/v1',
    kind: 'HorizontalPodAutoscaler',
    metadata: {
      name: 'web',
      annotations: {
        mine: 'stays',
        'autoscaling.alpha.kubernetes.io/metrics':
          '[{"type":"Pods","pods":{"metricName":"rps","targetAverageValue":"5"}}]',
        'autoscaling.alpha.kubernetes.io/behavior': '{"scaleUp":{"stabilizationWindowSeconds":5}}',
        'autoscaling.alpha.kubernetes.io/conditions': '[{"type":"AbleToScale","status":"True"}]',
        'autoscaling.alpha.kubernetes.io/current-metrics':
          '[{"type":"Resource","resource":{"name":"cpu","currentAverageUtilization":12,"currentAverageValue":"3m"}}]',
      },
    },
    spec: {
      scaleTargetRef: { kind: 'Deployment', name: 'web' },
      maxReplicas: 3,
      targetCPUUtilizationPercentage: 60,
    },
    status: { desiredReplicas: 2, currentReplicas: 2, currentCPUUtilizationPercentage: 12 },
  });
});

test('what the older version was told comes back from it', () => {
  expect(toStored(kind, toViewed(kind, current))).toEqual(current);
});

test('whatever is stored can be shown, and shown again as the same', () => {
  fc.assert(
    fc.property(objectOf(horizontalPodAutoscalerKind.schema), (object) => {
      const shown = toViewed(kind, { ...object, apiVersion: 'autoscaling/v2' });
      expect(toViewed(kind, toStored(kind, shown))).toEqual(shown);
    }),
  );
});
