import { afterEach, describe, expect, it } from 'vitest';
import type { Job, Pod } from '../kinds/types.ts';
import { completionIndexOf, indexFailuresOf, isJobFinished } from './job/job-facts.ts';
import { jobExpiry } from './job-expiry.ts';
import { jobPodRelease } from './job-pod-release.ts';
import { jobPods } from './job-pods.ts';
import { createFakeCluster, type FakeCluster, type FakeClusterOptions } from './workloads/fake-cluster.ts';

const clusters: FakeCluster[] = [];

function cluster(options: Omit<FakeClusterOptions, 'controllers'> = {}): FakeCluster {
  const made = createFakeCluster({ controllers: (o) => [jobPods(o), jobPodRelease(o), jobExpiry(o)], ...options });
  clusters.push(made);
  return made;
}

afterEach(() => {
  for (const each of clusters.splice(0)) each.stop();
});

function job(spec: object = {}, podSpec: object = {}): Job {
  const containers = [{ name: 'main', image: 'localhost/hello:1' }];
  return {
    metadata: { name: 'work', namespace: 'default' },
    spec: { template: { spec: { restartPolicy: 'Never', containers, ...podSpec } }, ...spec },
  } as Job;
}

const find = (made: FakeCluster): Job | undefined => made.resources.jobs.find('default', 'work');
const ended = (made: FakeCluster) => () => {
  const found = find(made);
  return found !== undefined && isJobFinished(found);
};
const conditions = (made: FakeCluster) =>
  find(made)?.status?.conditions?.map((c) => [c.type, c.status, c.reason, c.message].join('|'));
const pods = (made: FakeCluster): readonly Pod[] => made.resources.pods.list();

async function run(made: FakeCluster, wanted: Job): Promise<FakeCluster> {
  await made.start();
  await made.resources.jobs.create(wanted);
  await made.until(ended(made), 'the Job ends');
  await made.settle();
  return made;
}

describe('a Job', () => {
  it('completes, counts its pods once and tells of it', async () => {
    const made = await run(cluster({ fate: () => 'Succeeded' }), job({ completions: 3, parallelism: 2 }));
    expect(find(made)?.status).toMatchObject({ succeeded: 3, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
    expect(find(made)?.status?.completionTime).toBeDefined();
    const reached = 'CompletionsReached|Reached expected number of succeeded pods';
    expect(conditions(made)).toEqual([`SuccessCriteriaMet|True|${reached}`, `Complete|True|${reached}`]);
    expect(pods(made).map((p) => p.metadata?.finalizers ?? [])).toEqual([[], [], []]);
    expect(made.events('work').map((e) => e.replace(/work-\w+$/, 'x'))).toEqual([
      'Normal Completed: Job completed',
      ...Array.from({ length: 3 }, () => 'Normal SuccessfulCreate: Created pod: x'),
    ]);
  });

  it('fails at its back-off limit, with pauses of 10 s and 20 s between the pods', async () => {
    const starts: number[] = [];
    const made = cluster({
      fate: () => {
        starts.push(made.clock.now());
        return 'Failed';
      },
    });
    await run(made, job({ backoffLimit: 2 }));
    const failed = 'BackoffLimitExceeded|Job has reached the specified backoff limit';
    expect(conditions(made)).toEqual([`FailureTarget|True|${failed}`, `Failed|True|${failed}`]);
    expect(find(made)?.status).toMatchObject({ failed: 3 });
    expect([...new Set(starts)].map((at) => (at - (starts[0] ?? 0)) / 1000)).toEqual([0, 10, 30]);
    expect(made.events('work')).toContain('Warning BackoffLimitExceeded: Job has reached the specified backoff limit');
  });

  it('keeps its back-off across a restart', async () => {
    const made = cluster({ fate: () => 'Failed' });
    await made.start();
    await made.resources.jobs.create(job());
    await made.until(() => find(made)?.status?.failed === 1, 'the first pod fails');
    await made.start();
    await made.settle();
    expect(pods(made)).toHaveLength(1);
    await made.pass(11_000);
    expect(pods(made)).toHaveLength(2);
  });

  it('is stopped at its deadline, and its running pod counts as failed', async () => {
    const made = await run(cluster({ fate: () => 'Running' }), job({ activeDeadlineSeconds: 30 }));
    const failed = 'DeadlineExceeded|Job was active longer than specified deadline';
    expect(conditions(made)).toEqual([`FailureTarget|True|${failed}`, `Failed|True|${failed}`]);
    expect(find(made)?.status).toMatchObject({ failed: 1, terminating: 0 });
    expect(pods(made)).toEqual([]);
  });

  it('is not Failed before its last pod is gone', async () => {
    let stays = true;
    const made = cluster({ fate: () => 'Running', lingers: () => stays });
    await made.start();
    await made.resources.jobs.create(job({ activeDeadlineSeconds: 5 }));
    await made.until(() => find(made)?.status?.terminating === 1, 'the pod terminates');
    expect(conditions(made)?.map((c) => c.split('|')[0])).toEqual(['FailureTarget']);
    stays = false;
    await made.resources.pods.delete(pods(made)[0] ?? {}, { gracePeriodSeconds: 0 });
    await made.until(ended(made), 'the Job ends');
  });

  it('that is suspended has no pods, and counts none of those that go; resumed, it starts its time anew', async () => {
    const made = cluster({ fate: () => 'Running' });
    await made.start();
    const created = await made.resources.jobs.create(job({ parallelism: 2 }));
    await made.until(() => find(made)?.status?.active === 2, 'two pods run');
    const hold = (suspend: boolean) =>
      made.resources.jobs.modify(created, (now) => now.spec && { ...now, spec: { ...now.spec, suspend } });
    await hold(true);
    await made.until(() => pods(made).length === 0, 'no pods');
    expect(find(made)?.status?.failed).toBeUndefined();
    expect(conditions(made)).toEqual(['Suspended|True|JobSuspended|Job suspended']);
    await made.pass(60_000);
    await hold(false);
    await made.until(() => find(made)?.status?.active === 2, 'two pods run again');
    expect(conditions(made)).toEqual(['Suspended|False|JobResumed|Job resumed']);
    expect(Date.parse(find(made)?.status?.startTime ?? '')).toBe(made.clock.now());
  });

  it('of another controller is left alone', async () => {
    const made = cluster();
    await made.start();
    await made.resources.jobs.create(job({ managedBy: 'example.com/other' }));
    await made.settle();
    expect([pods(made), find(made)?.status ?? {}]).toEqual([[], {}]);
  });

  it('is deleted with its pods once its time after the end is over', async () => {
    const made = await run(cluster({ fate: () => 'Succeeded' }), job({ ttlSecondsAfterFinished: 20 }));
    await made.pass(19_000);
    expect(find(made)).toBeDefined();
    await made.pass(2_000);
    expect([find(made), pods(made)]).toEqual([undefined, []]);
  });

  it.each(['Background', 'Foreground', 'Orphan'] as const)('deleted %s leaves no pod held', async (policy) => {
    const made = cluster({ fate: () => 'Running' });
    await made.start();
    const created = await made.resources.jobs.create(job());
    await made.until(() => find(made)?.status?.active === 1, 'a pod runs');
    await made.resources.jobs.delete(created, { propagationPolicy: policy });
    await made.settle();
    expect(find(made)).toBeUndefined();
    expect(pods(made).map((p) => p.metadata?.finalizers ?? [])).toEqual(policy === 'Orphan' ? [[]] : []);
  });
});

describe('an Indexed Job', () => {
  const indexed = { completionMode: 'Indexed', completions: 4, parallelism: 2 };

  it('gives each pod its index: name, hostname, label, annotation and variable', async () => {
    const made = await run(cluster({ fate: () => 'Succeeded' }), job(indexed));
    expect(find(made)?.status).toMatchObject({ succeeded: 4, completedIndexes: '0-3' });
    const [second] = pods(made).filter((p) => completionIndexOf(p) === 1);
    expect(second?.metadata?.name).toMatch(/^work-1-\w{5}$/);
    expect(second?.metadata?.labels?.['batch.kubernetes.io/job-completion-index']).toBe('1');
    expect(second?.spec?.hostname).toBe('work-1');
    expect(second?.spec?.containers[0]?.env).toEqual([
      {
        name: 'JOB_COMPLETION_INDEX',
        valueFrom: {
          fieldRef: { apiVersion: 'v1', fieldPath: "metadata.labels['batch.kubernetes.io/job-completion-index']" },
        },
      },
    ]);
  });

  it('retries each index within its own limit and fails with the indexes that are lost', async () => {
    const fate = (pod: Pod) => (completionIndexOf(pod) === 2 ? 'Failed' : 'Succeeded');
    const made = await run(cluster({ fate }), job({ ...indexed, backoffLimitPerIndex: 1 }));
    expect(find(made)?.status).toMatchObject({
      succeeded: 3,
      failed: 2,
      completedIndexes: '0,1,3',
      failedIndexes: '2',
    });
    expect(conditions(made)?.at(-1)).toBe('Failed|True|FailedIndexes|Job has failed indexes');
    const tries = pods(made).filter((p) => completionIndexOf(p) === 2);
    expect(tries.map(indexFailuresOf).sort()).toEqual([0, 1]);
  });

  it('ends when its success policy is met, and does not count the pods that it stops', async () => {
    const fate = (pod: Pod) => (completionIndexOf(pod) === 0 ? 'Succeeded' : 'Running');
    const successPolicy = { rules: [{ succeededIndexes: '0' }] };
    const made = await run(cluster({ fate }), job({ ...indexed, successPolicy }));
    const met = 'SuccessPolicy|Matched rules at index 0';
    expect(conditions(made)).toEqual([`SuccessCriteriaMet|True|${met}`, `Complete|True|${met}`]);
    expect(find(made)?.status).toMatchObject({ succeeded: 1, completedIndexes: '0' });
    expect(find(made)?.status?.failed).toBeUndefined();
  });

  it('ends the same wherever the process dies', { timeout: 60_000 }, async () => {
    const make = (): FakeCluster =>
      cluster({
        fate: (pod) => (completionIndexOf(pod) === 1 && indexFailuresOf(pod) === 0 ? 'Failed' : 'Succeeded'),
      });
    const wanted = job({ ...indexed, completions: 3, backoffLimitPerIndex: 2 });
    const calm = await run(make(), wanted);
    const outcome = (made: FakeCluster) => {
      const { succeeded, failed, completedIndexes, uncountedTerminatedPods } = find(made)?.status ?? {};
      const types = find(made)?.status?.conditions?.map((c) => c.type);
      const held = pods(made).filter((p) => (p.metadata?.finalizers ?? []).length > 0).length;
      return { succeeded, failed, completedIndexes, uncountedTerminatedPods, types, held, pods: pods(made).length };
    };
    expect(outcome(calm)).toMatchObject({ succeeded: 3, failed: 1, completedIndexes: '0-2', held: 0, pods: 4 });
    for (let crash = 0; crash < calm.writes; crash++) {
      const made = make();
      await made.start(crash);
      await made.resources.jobs.create(wanted);
      await made.settle();
      for (let again = 1; again < 3; again++) {
        await made.pass(5_000);
        await made.start(crash + again);
        await made.settle();
      }
      await made.start();
      await made.until(ended(made), `the Job ends after a crash at write ${crash}`);
      await made.settle();
      expect(outcome(made)).toEqual(outcome(calm));
      made.stop();
    }
  });
});
