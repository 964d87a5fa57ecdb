import type { Controller } from './controller.ts';
import { type CronJobOptions, cronJobRuns } from './cron-job-runs.ts';
import { daemonSetPods } from './daemon-set-pods.ts';
import { deploymentRollout } from './deployment-rollout.ts';
import { disruptionBudgets } from './disruption-budgets.ts';
import { type AutoscalingOptions, horizontalPodAutoscaling } from './horizontal-pod-autoscaling.ts';
import { jobExpiry } from './job-expiry.ts';
import { jobPodRelease } from './job-pod-release.ts';
import { jobPods } from './job-pods.ts';
import { replicaSetReplicas } from './replica-set-replicas.ts';
import { replicationControllerReplicas } from './replication-controller-replicas.ts';
import { statefulSetPods } from './stateful-set-pods.ts';

/** What these controllers need; without `podUsage` nothing is scaled by use. */
export type WorkloadOptions = CronJobOptions &
  Pick<AutoscalingOptions, 'scales'> &
  Partial<Pick<AutoscalingOptions, 'podUsage'>>;

/** Every controller that makes pods from a template, and those that belong to them. */
export function workloadControllers(options: WorkloadOptions): readonly Controller[] {
  const { podUsage } = options;
  return [
    deploymentRollout(options),
    replicaSetReplicas(options),
    replicationControllerReplicas(options),
    statefulSetPods(options),
    daemonSetPods(options),
    jobPods(options),
    jobPodRelease(options),
    jobExpiry(options),
    cronJobRuns(options),
    disruptionBudgets(options),
    ...(podUsage === undefined ? [] : [horizontalPodAutoscaling({ ...options, podUsage })]),
  ];
}
