import type { QueueCounts } from '../controllers/work-queue.ts';
import { labelsOf, type Metric } from '../server/prometheus.ts';

/** Controllers under the names that their queues have upstream; all others go by their own. */
const NAMES: { readonly [controller: string]: string } = {
  'deployment-rollout': 'deployment',
  'replica-set-replicas': 'replicaset',
  'replication-controller-replicas': 'replicationmanager',
  'stateful-set-pods': 'statefulset',
  'daemon-set-pods': 'daemonset',
  'job-pods': 'job',
  'job-expiry': 'ttl_jobs_to_delete',
  'cron-job-runs': 'cronjob',
  'disruption-budgets': 'disruption',
  'horizontal-pod-autoscaling': 'horizontalpodautoscaler',
  'service-endpoints': 'endpoint_slice',
  'endpoints-of-services': 'endpoint',
  'endpoint-slice-mirroring': 'endpoint_slice_mirroring',
  'service-account-defaults': 'serviceaccount',
  'root-ca-publish': 'root_ca_cert_publisher',
  'namespace-lifecycle': 'namespace',
  'resource-quota-usage': 'resourcequota_primary',
};

/** The controllers' queues, as client-go's work queues tell of themselves. */
export function queueMetrics(queues: ReadonlyMap<string, QueueCounts>): readonly Metric[] {
  const values = (
    of: (counts: QueueCounts) => number,
    suffix = '',
    labels: { readonly [name: string]: string } = {},
  ): Metric['values'] =>
    [...queues].map(([name, counts]) => [`${suffix}${labelsOf({ name: NAMES[name] ?? name, ...labels })}`, of(counts)]);
  const counter = { type: 'counter' } as const;
  return [
    {
      ...counter,
      name: 'workqueue_adds_total',
      help: 'Adds handled by the queue.',
      values: values(({ adds }) => adds),
    },
    { name: 'workqueue_depth', type: 'gauge', help: 'Keys that wait.', values: values(({ depth }) => depth) },
    { ...counter, name: 'workqueue_retries_total', help: 'Retries.', values: values(({ retries }) => retries) },
    {
      name: 'workqueue_work_duration_seconds',
      type: 'histogram',
      help: 'How long looks took.',
      values: [
        ...values(({ looks }) => looks, '_bucket', { le: '+Inf' }),
        ...values(({ seconds }) => seconds, '_sum'),
        ...values(({ looks }) => looks, '_count'),
      ],
    },
  ];
}
