import { afterEach, expect, it } from 'vitest';
import type { Job } from '../../kinds/types.ts';
import { jobExpiry } from '../job-expiry.ts';
import { jobPodRelease } from '../job-pod-release.ts';
import { jobPods } from '../job-pods.ts';
import { createMeasures } from '../measures.ts';
import { createFakeCluster, type FakeCluster, type FakeClusterOptions } from '../workloads/fake-cluster.ts';
import { isJobFinished } from './job-facts.ts';

const clusters: FakeCluster[] = [];
afterEach(() => {
  for (const each of clusters.splice(0)) each.stop();
});

/** Runs a Job to its end; what was counted, one line each. */
async function counted(spec: object, options: Omit<FakeClusterOptions, 'controllers'>): Promise<readonly string[]> {
  const measures = createMeasures();
  const cluster = createFakeCluster({
    controllers: (given) => {
      const shared = { ...given, measures };
      return [jobPods(shared), jobPodRelease(shared), jobExpiry(shared)];
    },
    ...options,
  });
  clusters.push(cluster);
  await cluster.start();
  const containers = [{ name: 'main', image: 'localhost/hello:1' }];
  const template = { spec: { restartPolicy: 'Never', containers } };
  await cluster.resources.jobs.create({
    metadata: { name: 'work', namespace: 'default' },
    spec: { template, ...spec },
  } as Job);
  await cluster.until(() => {
    const job = cluster.resources.jobs.find('default', 'work');
    return job === undefined || isJobFinished(job) || job.spec?.managedBy !== undefined;
  }, 'the Job ends, or is gone');
  await cluster.settle();
  return measures.read().flatMap(({ name, values }) =>
    values.map(({ suffix, labels, value }) => {
      const pairs = Object.entries(labels).map(([label, text]) => `${label}=${text}`);
      return `${name.replace('job_controller_', '')}${suffix} ${pairs.join(' ')} ${value}`;
    }),
  );
}

it('a Job that completes is counted once, with its pods', async () => {
  const lines = await counted({ completions: 3, parallelism: 2 }, { fate: () => 'Succeeded' });
  expect(lines).toEqual(
    expect.arrayContaining([
      'jobs_finished_total completion_mode=NonIndexed result=succeeded reason=CompletionsReached 1',
      'job_pods_finished_total completion_mode=NonIndexed result=succeeded 3',
      'terminated_pods_tracking_finalizer_total event=add 3',
      'terminated_pods_tracking_finalizer_total event=delete 3',
      'job_pods_creation_total reason=new status=succeeded 3',
    ]),
  );
  const syncs = lines.filter((line) => line.startsWith('job_syncs_total'));
  expect(syncs.join('\n')).toMatch(
    /job_syncs_total completion_mode=NonIndexed result=success action=pods_created [1-9]/,
  );
  const looks = syncs.map((line) => Number(line.split(' ').at(-1))).reduce((a, b) => a + b);
  const timed = lines.filter((line) => line.startsWith('job_sync_duration_seconds_count'));
  expect(timed.map((line) => Number(line.split(' ').at(-1))).reduce((a, b) => a + b)).toBe(looks);
});

it('pods that replace failed ones are counted apart', async () => {
  const lines = await counted({ backoffLimit: 1 }, { fate: () => 'Failed' });
  expect(lines).toEqual(
    expect.arrayContaining([
      'jobs_finished_total completion_mode=NonIndexed result=failed reason=BackoffLimitExceeded 1',
      'job_pods_finished_total completion_mode=NonIndexed result=failed 2',
      'job_pods_creation_total reason=new status=succeeded 1',
      'job_pods_creation_total reason=recreate_terminating_or_failed status=succeeded 1',
    ]),
  );
  expect(lines.filter((line) => line.startsWith('pod_failures_handled'))).toEqual([]);
});

it('failed pods are counted by the rule that fits them', async () => {
  const rules = [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }];
  const lines = await counted({ podFailurePolicy: { rules } }, { fate: () => 'Failed' });
  expect(lines).toContain('pod_failures_handled_by_failure_policy_total action=FailJob 1');
  expect(lines).toContain('jobs_finished_total completion_mode=NonIndexed result=failed reason=PodFailurePolicy 1');
});

it('indexes are counted as such', async () => {
  const lines = await counted(
    { completions: 2, completionMode: 'Indexed', backoffLimitPerIndex: 0 },
    {
      fate: (pod) =>
        pod.metadata?.annotations?.['batch.kubernetes.io/job-completion-index'] === '0' ? 'Succeeded' : 'Failed',
    },
  );
  expect(lines).toEqual(
    expect.arrayContaining([
      'job_finished_indexes_total status=succeeded backoffLimit=perIndex 1',
      'job_finished_indexes_total status=failed backoffLimit=perIndex 1',
      'jobs_finished_total completion_mode=Indexed result=failed reason=FailedIndexes 1',
    ]),
  );
});

it('a Job of another controller is counted as its', async () => {
  const lines = await counted({ managedBy: 'example.com/kueue' }, { fate: () => 'Running' });
  expect(lines).toContain('jobs_by_external_controller_total controller_name=example.com/kueue 1');
});

it('the time to live that is over is told of', async () => {
  const lines = await counted({ ttlSecondsAfterFinished: 0 }, { fate: () => 'Succeeded' });
  expect(lines).toContain('ttl_after_finished_controller_job_deletion_duration_seconds_count  1');
});
