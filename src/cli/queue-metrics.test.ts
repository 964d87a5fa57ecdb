import { expect, it } from 'vitest';
import { renderMetrics } from '../server/prometheus.ts';
import { queueMetrics } from './queue-metrics.ts';

it("tells of controllers' queues under upstream's names", () => {
  const counts = { adds: 3, depth: 1, retries: 2, looks: 4, seconds: 0.5 };
  const text = renderMetrics(
    queueMetrics(
      new Map([
        ['job-pods', counts],
        ['pod-units', counts],
      ]),
    ),
  );
  expect(text.split('\n').filter((line) => line.includes('{name="job"'))).toEqual([
    'workqueue_adds_total{name="job"} 3',
    'workqueue_depth{name="job"} 1',
    'workqueue_retries_total{name="job"} 2',
    'workqueue_work_duration_seconds_bucket{name="job",le="+Inf"} 4',
    'workqueue_work_duration_seconds_sum{name="job"} 0.5',
    'workqueue_work_duration_seconds_count{name="job"} 4',
  ]);
  expect(text).toContain('workqueue_depth{name="pod-units"} 1\n');
});
