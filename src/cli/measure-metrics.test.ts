import { expect, it } from 'vitest';
import { createMeasures } from '../controllers/measures.ts';
import { renderMetrics } from '../server/prometheus.ts';
import { measureMetrics } from './measure-metrics.ts';

it('tells of counters and histograms under upstream’s names, buckets cumulated', () => {
  const measures = createMeasures();
  const labels = { completion_mode: 'Indexed', result: 'succeeded', reason: 'CompletionsReached' };
  measures.add('job_controller_jobs_finished_total', labels);
  measures.add('job_controller_jobs_finished_total', labels, 2);
  measures.add('job_controller_jobs_finished_total', { ...labels, result: 'failed' }, 0);
  for (const seconds of [0.5, 2, 3, 5000]) {
    measures.observe('cronjob_controller_job_creation_skew_duration_seconds', seconds);
  }
  const lines = renderMetrics(measureMetrics(measures.read())).split('\n');
  expect(lines.filter((line) => line.startsWith('job_controller_jobs_finished_total'))).toEqual([
    'job_controller_jobs_finished_total{completion_mode="Indexed",result="succeeded",reason="CompletionsReached"} 3',
  ]);
  const skew = 'cronjob_controller_job_creation_skew_duration_seconds';
  expect(lines.filter((line) => line.startsWith(skew))).toEqual([
    `${skew}_bucket{le="1"} 1`,
    `${skew}_bucket{le="2"} 2`,
    ...['4', '8', '16', '32', '64', '128', '256', '512'].map((le) => `${skew}_bucket{le="${le}"} 3`),
    `${skew}_bucket{le="+Inf"} 4`,
    `${skew}_sum 5005.5`,
    `${skew}_count 4`,
  ]);
  expect(lines).toContain('replicaset_controller_sorting_deletion_age_ratio_count 0');
});
