import { afterEach, describe, expect, it } from 'vitest';
import { createFakeTimerRuns } from '../../systemd/fake-timer-runs.ts';
import type { CronJob, Job } from '../kinds/types.ts';
import { timeZone } from '../machinery/cron/time-zone.ts';
import { planCronJob } from './cron-job/cron-plan.ts';
import { cronJobRuns } from './cron-job-runs.ts';
import { isJobFinished } from './job/job-facts.ts';
import { jobPodRelease } from './job-pod-release.ts';
import { jobPods } from './job-pods.ts';
import { nameOf } from './meta.ts';
import type { RunRecord } from './pod-status/facts.ts';
import { createFakeCluster, type FakeCluster, type FakeClusterOptions } from './workloads/fake-cluster.ts';

const clusters: FakeCluster[] = [];
const MINUTE = 60_000;

/** The clock stands at 2026-01-02T03:04:05Z. */
async function cluster(fate: FakeClusterOptions['fate'] = () => 'Succeeded'): Promise<FakeCluster> {
  const made = createFakeCluster({ controllers: (o) => [jobPods(o), jobPodRelease(o), cronJobRuns(o)], fate });
  clusters.push(made);
  await made.start();
  return made;
}

afterEach(() => {
  for (const each of clusters.splice(0)) each.stop();
});

function cronJob(spec: object = {}): CronJob {
  const containers = [{ name: 'main', image: 'localhost/hello:1' }];
  const jobTemplate = {
    metadata: { labels: { a: 'b' } },
    spec: { template: { spec: { restartPolicy: 'Never', containers } } },
  };
  return {
    metadata: { name: 'tick', namespace: 'default' },
    spec: { schedule: '*/5 * * * *', timeZone: 'Etc/UTC', jobTemplate, ...spec },
  } as CronJob;
}

async function begin(made: FakeCluster, spec: object = {}): Promise<void> {
  await made.resources.cronJobs.create(cronJob(spec));
  await made.settle();
}

const find = (made: FakeCluster): CronJob | undefined => made.resources.cronJobs.find('default', 'tick');
const jobs = (made: FakeCluster): readonly Job[] => made.resources.jobs.list();
const nameAt = (time: string): string => `tick-${Date.parse(time) / MINUTE}`;
const change = (made: FakeCluster, spec: object) =>
  made.resources.cronJobs.modify(find(made) ?? {}, (now) => now.spec && { ...now, spec: { ...now.spec, ...spec } });

describe('a CronJob', () => {
  it('makes a Job at each of its times, and keeps the last three', async () => {
    const made = await cluster();
    await begin(made);
    expect(jobs(made)).toEqual([]);
    await made.pass(56_000);
    expect(jobs(made).map(nameOf)).toEqual([nameAt('2026-01-02T03:05:00Z')]);
    expect(jobs(made)[0]?.metadata).toMatchObject({
      labels: { a: 'b' },
      annotations: { 'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-02T03:05:00Z' },
      ownerReferences: [{ kind: 'CronJob', name: 'tick', controller: true }],
    });
    await made.settle();
    expect(find(made)?.status).toEqual({
      lastScheduleTime: '2026-01-02T03:05:00Z',
      lastSuccessfulTime: '2026-01-02T03:05:01Z',
    });
    for (let i = 0; i < 20; i++) await made.pass(MINUTE);
    expect(jobs(made).map(nameOf).sort()).toEqual([
      nameAt('2026-01-02T03:15:00Z'),
      nameAt('2026-01-02T03:20:00Z'),
      nameAt('2026-01-02T03:25:00Z'),
    ]);
    const told = made.events('tick');
    expect(told).toContain(`Normal SuccessfulCreate: Created job ${nameAt('2026-01-02T03:05:00Z')}`);
    expect(told).toContain(
      `Normal SawCompletedJob: Saw completed job: ${nameAt('2026-01-02T03:05:00Z')}, condition: Complete`,
    );
    expect(told).toContain(`Normal SuccessfulDelete: Deleted job ${nameAt('2026-01-02T03:05:00Z')}`);
  });

  it.each([
    ['Allow', 2, undefined],
    [
      'Forbid',
      1,
      'Normal JobAlreadyActive: Not starting job because prior execution is running and concurrency policy is Forbid',
    ],
    ['Replace', 1, `Normal SuccessfulDelete: Deleted job ${nameAt('2026-01-02T03:05:00Z')}`],
  ])('with %s has %i Jobs when one takes longer than the interval', async (concurrencyPolicy, count, told) => {
    const made = await cluster(() => 'Running');
    await begin(made, { concurrencyPolicy });
    await made.pass(MINUTE);
    await made.pass(5 * MINUTE);
    await made.settle();
    expect([jobs(made).length, find(made)?.status?.active?.length]).toEqual([count, count]);
    if (told !== undefined) expect(made.events('tick')).toContain(told);
    if (concurrencyPolicy === 'Replace') expect(jobs(made).map(nameOf)).toEqual([nameAt('2026-01-02T03:10:00Z')]);
  });

  it('makes up for the last run that was missed, and says when it were too many', async () => {
    const made = await cluster();
    await begin(made, { suspend: true, schedule: '* * * * *' });
    await made.pass(200 * MINUTE);
    expect(jobs(made)).toEqual([]);
    await change(made, { suspend: false });
    await made.settle();
    expect(jobs(made).map(nameOf)).toEqual([nameAt('2026-01-02T06:24:00Z')]);
    expect(
      made.events('tick').some((e) => e.startsWith('Warning TooManyMissedTimes: too many missed start times.')),
    ).toBe(true);
  });

  it('does not make up for a run whose deadline has passed', async () => {
    const made = await cluster();
    await begin(made, { suspend: true, startingDeadlineSeconds: 60 });
    await made.pass(3 * MINUTE);
    await change(made, { suspend: false });
    await made.settle();
    expect(jobs(made)).toEqual([]);
  });

  it('follows the clock of its time zone', async () => {
    const made = await cluster();
    await begin(made, { schedule: '30 4 * * *', timeZone: 'Europe/Berlin' });
    await made.pass(26 * MINUTE);
    expect(jobs(made)[0]?.metadata?.annotations).toEqual({
      'batch.kubernetes.io/cronjob-scheduled-timestamp': '2026-01-02T04:30:00+01:00',
    });
  });

  it('leaves a Job that was made by hand alone, until it is history', async () => {
    const made = await cluster();
    await begin(made, { schedule: '0 0 1 1 *', successfulJobsHistoryLimit: 0 });
    const { uid = '' } = find(made)?.metadata ?? {};
    const ownerReferences = [{ apiVersion: 'batch/v1', kind: 'CronJob', name: 'tick', uid, controller: true }];
    const spec = find(made)?.spec?.jobTemplate.spec;
    await made.resources.jobs.create({ metadata: { name: 'by-hand', namespace: 'default', ownerReferences }, spec });
    await made.until(() => jobs(made).length === 0, 'it is history');
    expect(made.events('by-hand')).toContain('Normal Completed: Job completed');
    expect(made.events('tick')).toContain(
      'Warning UnexpectedJob: Saw a job that the controller did not create or forgot: by-hand',
    );
  });

  it.each([
    ['a day on', '2026-01-03T03:04:05Z', '2026-01-03T03:00:00Z', 55_000],
    ['ten years on', '2036-01-02T03:04:05Z', '2036-01-02T03:00:00Z', 55_000],
    ['ten years back', '2016-01-02T03:04:05Z', undefined, 55_000],
  ])('whose clock jumps %s runs once at most, and then at its times', (_, time, due, nextMs) => {
    const ran = { ...cronJob(), status: { lastScheduleTime: '2026-01-02T03:00:00Z' } };
    const plan = planCronJob({ cronJob: ran, jobs: [], zone: timeZone('Europe/Berlin'), now: Date.parse(time) });
    expect(plan.start?.job.metadata?.name).toBe(due && nameAt(due));
    expect(plan.nextMs).toBe(nextMs);
  });

  it('makes each run once wherever the process dies', async () => {
    const calm = await cluster();
    await begin(calm);
    await calm.pass(MINUTE);
    for (let crash = 0; crash <= calm.writes; crash++) {
      const made = await cluster();
      await made.start(crash);
      await begin(made);
      await made.pass(MINUTE);
      await made.start();
      await made.settle();
      await made.until(
        () => jobs(made).length === 1 && jobs(made).every(isJobFinished),
        `one run after crash ${crash}`,
      );
      await made.settle();
      const { active, lastScheduleTime } = find(made)?.status ?? {};
      expect([active, lastScheduleTime]).toEqual([undefined, '2026-01-02T03:05:00Z']);
    }
  });
});

describe('a timer’s run', () => {
  const time = '2026-01-02T03:00:00Z';
  const slot = `${Date.parse(time) / MINUTE}`;
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${nameAt(time)}-abcde`,
      namespace: 'default',
      uid: 'pod-uid',
      labels: { 'batch.kubernetes.io/controller-uid': 'job-uid', 'batch.kubernetes.io/job-name': nameAt(time) },
      ownerReferences: [{ apiVersion: 'batch/v1', kind: 'Job', name: nameAt(time), uid: 'job-uid', controller: true }],
      finalizers: ['batch.kubernetes.io/job-tracking'],
    },
    spec: { nodeName: 'host', restartPolicy: 'Never', containers: [{ name: 'main', image: 'localhost/hello:1' }] },
  };
  const started = Date.parse(time) / 1000 + 2;
  const facts = { POD_UID: 'pod-uid', JOB_UID: 'job-uid', ADDRESS: '10.42.254.255', STARTED: `${started}` };

  async function recorded(exitCode: number | undefined, crashAfter?: number) {
    const timerRuns = createFakeTimerRuns();
    const finishedAt = (started + 5) * 1000;
    const common = { invocation: '', result: '', startedAt: started * 1000, delaySeconds: 0, failure: '', message: '' };
    const ended: { [container: string]: RunRecord } =
      exitCode === undefined ? {} : { main: { end: { ...common, exitCode, finishedAt, isFinal: true } } };
    const records = {
      timerRuns,
      hostIp: () => '192.0.2.1',
      runs: { read: async () => ended, isOverdue: async () => false },
    };
    const made = createFakeCluster({
      controllers: (o) => [jobPods(o), jobPodRelease(o), cronJobRuns({ ...o, records })],
      fate: () => 'Running',
    });
    clusters.push(made);
    await made.resources.namespaces.create({ metadata: { name: 'default' } });
    const stored = await made.resources.cronJobs.create(cronJob({ schedule: '0 * * * *' }));
    timerRuns.begin({ owner: stored.metadata?.uid ?? '', slot, facts, made: pod });
    await timerRuns.setReached(stored.metadata?.uid ?? '', Date.parse(time) / 1000);
    await made.start(crashAfter);
    await made.settle();
    return { made, timerRuns };
  }

  it('is recorded as a Job with its pod, which keep the uids that they had', async () => {
    const { made, timerRuns } = await recorded(0);
    const [job] = jobs(made);
    expect(job?.metadata).toMatchObject({
      name: nameAt(time),
      uid: 'job-uid',
      creationTimestamp: '2026-01-02T03:00:02Z',
    });
    expect(job?.metadata?.annotations).toEqual({ 'batch.kubernetes.io/cronjob-scheduled-timestamp': time });
    expect(job?.status).toMatchObject({ succeeded: 1, startTime: '2026-01-02T03:00:02Z' });
    const [stored] = made.resources.pods.list();
    expect(stored?.metadata).toMatchObject({ uid: 'pod-uid', finalizers: [] });
    expect(stored?.status).toMatchObject({
      phase: 'Succeeded',
      podIP: '10.42.254.255',
      startTime: '2026-01-02T03:00:02Z',
    });
    expect(find(made)?.status?.lastScheduleTime).toBe(time);
    expect(await timerRuns.list()).toEqual([]);
    expect(made.events('tick')).toContain(`Normal SuccessfulCreate: Created job ${nameAt(time)}`);
  });

  it('that failed is a failure of its Job', async () => {
    const { made } = await recorded(3);
    expect(made.resources.pods.list()[0]?.status?.containerStatuses?.[0]?.state?.terminated?.exitCode).toBe(3);
    expect(jobs(made)[0]?.status).toMatchObject({ failed: 1 });
  });

  it('that goes on is an active Job, and nothing else is made for it', async () => {
    const { made } = await recorded(undefined);
    expect(made.resources.pods.list().map(nameOf)).toEqual([`${nameAt(time)}-abcde`]);
    expect(find(made)?.status?.active?.map(({ name }) => name)).toEqual([nameAt(time)]);
  });

  it('is recorded once, wherever the process is killed meanwhile', async () => {
    for (let crashAfter = 0; crashAfter < 8; crashAfter++) {
      const { made, timerRuns } = await recorded(0, crashAfter);
      await made.start();
      await made.settle();
      expect(made.resources.pods.list().map(nameOf), `after ${crashAfter} writes`).toEqual([`${nameAt(time)}-abcde`]);
      expect(jobs(made)[0]?.status).toMatchObject({ succeeded: 1 });
      expect(await timerRuns.list()).toEqual([]);
    }
  });

  it('keeps the controller from doing the same run', async () => {
    const { made, timerRuns } = await recorded(0);
    const owner = find(made)?.metadata?.uid ?? '';
    const next = `${Date.parse('2026-01-02T04:00:00Z') / MINUTE}`;
    expect(await timerRuns.claim(owner, next)).toBe(true);
    await made.pass(60 * MINUTE);
    expect(jobs(made).map(nameOf)).toContain(nameAt('2026-01-02T04:00:00Z'));
    expect(await timerRuns.reached(owner)).toBe(Date.parse('2026-01-02T04:00:00Z') / 1000);
  });
});
