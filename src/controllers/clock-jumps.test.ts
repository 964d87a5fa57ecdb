import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nameOf, uidOf } from './meta.ts';
import { createScales } from './scales.ts';
import { workloadControllers } from './workload-controllers.ts';
import { createFakeCluster, type FakeCluster } from './workloads/fake-cluster.ts';

/* Somebody sets the clock while everything runs: workloads are left alone, and CronJobs do what upstream documents. */

const DAY = 86_400_000;
const JUMPS = [DAY, -DAY, 3652 * DAY, -3652 * DAY];
const metadata = (name: string) => ({ name, namespace: 'default' });
const labels = { app: 'it' };
const podSpec = { containers: [{ name: 'main', image: 'localhost/hello:1' }] };
const template = { metadata: { labels }, spec: podSpec };
const own = (app: string) => ({
  selector: { matchLabels: { app } },
  template: { ...template, metadata: { labels: { app } } },
});
const job = (spec: object = {}) => ({ template: { spec: { ...podSpec, restartPolicy: 'Never' } }, ...spec });

let cluster: FakeCluster;

beforeEach(async () => {
  cluster = createFakeCluster({
    controllers: (o) => workloadControllers({ ...o, scales: createScales(cluster.registry) }),
    fate: ({ metadata: of }) => (of?.name?.startsWith('tick-') ? 'Succeeded' : 'Ready'),
  });
  const { deployments, statefulSets, daemonSets, replicationControllers, jobs, cronJobs, nodes } = cluster.resources;
  await cluster.start();
  await nodes.create({ metadata: { name: 'host' } });
  await deployments.create({ metadata: metadata('web'), spec: { replicas: 2, ...own('web') } });
  await statefulSets.create({ metadata: metadata('db'), spec: { serviceName: 'db', replicas: 2, ...own('db') } });
  await daemonSets.create({ metadata: metadata('agent'), spec: own('agent') });
  const { template: pattern } = own('old');
  await replicationControllers.create({ metadata: metadata('old'), spec: { replicas: 1, template: pattern } });
  await jobs.create({ metadata: metadata('work'), spec: job() });
  await cronJobs.create({ metadata: metadata('tick'), spec: { schedule: '* * * * *', jobTemplate: { spec: job() } } });
  await cluster.until(() => cluster.resources.jobs.find('default', 'work')?.status?.ready === 1, 'all run');
  for (let minute = 0; minute < 3; minute++) await cluster.pass(60_000);
});

afterEach(() => cluster.stop());

const running = (): readonly string[] =>
  cluster.resources.pods
    .list()
    .filter(({ status }) => status?.phase === 'Running')
    .map(uidOf)
    .sort();
const runs = (): readonly string[] =>
  cluster.resources.jobs
    .list()
    .map(nameOf)
    .filter((name) => name.startsWith('tick-'));
const newest = (): number => Math.max(...runs().map((name) => Number(name.slice('tick-'.length))));

/** Sets the clock, and has everything looked at again, as the host's timer does. */
async function jump(ms: number): Promise<void> {
  cluster.clock.jump(ms);
  await cluster.start();
  await cluster.settle();
  for (let minute = 0; minute < 3; minute++) await cluster.pass(60_000);
}

describe.each(JUMPS)('a clock that is set by %i ms', (ms) => {
  it('leaves what runs alone', async () => {
    const before = running();
    expect(before).toHaveLength(7);
    const conditions = cluster.resources.deployments.find('default', 'web')?.status?.conditions;
    await jump(ms);
    expect(running()).toEqual(before);
    expect(cluster.resources.deployments.find('default', 'web')?.status?.conditions).toEqual(conditions);
    expect(cluster.resources.jobs.find('default', 'work')?.status).toMatchObject({ active: 1, ready: 1 });
  });

  it('makes a CronJob do its last missed run and no other, or wait until it was', async () => {
    const [before, last] = [cluster.events('tick'), newest()];
    await jump(ms);
    const minutes = Math.floor(cluster.clock.now() / 60_000);
    const made = cluster.events('tick').filter((event) => !before.includes(event) && event.includes('Created job'));
    expect(made.length).toBe(ms > 0 ? 4 : 0);
    expect(newest()).toBe(ms > 0 ? minutes : last);
    const told = cluster.events('tick').join('\n');
    if (ms > 0) expect(told).toContain('Warning TooManyMissedTimes: too many missed start times.');
    else expect(told).not.toContain('TooManyMissedTimes');
  });
});
