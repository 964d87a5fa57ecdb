import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job, PersistentVolumeClaim, Pod, StatefulSet } from '../src/kinds/types.ts';
import { box, eventually, kubectl, kubectlStream } from './harness.ts';
import { httpReadiness } from './manifests.ts';
import { apply, getObject, podsOf, remove, run } from './pods.ts';

afterAll(async () => {
  await remove('job', 'counted', 'indexed', 'failing', 'held', 'killed', 'by-hand');
  await remove('cronjob,daemonset,statefulset,poddisruptionbudget', 'ticking', 'agent', 'db');
  await remove('persistentvolumeclaim', 'data-db-0', 'data-db-1');
});

/** What takes its time by the clock goes on beside the other cases. */
beforeAll(async () => {
  const image = '--image=localhost:5000/busybox:latest';
  await run('create', 'cronjob', 'ticking', image, '--schedule=* * * * *', '--', 'date');
  await apply(job('failing', 'exit 3', { backoffLimit: 1 }));
});

function job(name: string, script: string, spec: object = {}): string {
  const containers = [{ name: 'main', image: 'localhost:5000/busybox:latest', command: ['sh', '-c', script] }];
  const template = { spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers } };
  return JSON.stringify({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { template, ...spec } });
}

/** A workload of sample web servers under the label `app=<name>`. */
function workload(kind: string, name: string, spec: object = {}): string {
  const labels = { app: name };
  const containers = [{ name: 'web', image: 'localhost:5000/hello:v1', readinessProbe: httpReadiness }];
  const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers } };
  const all = { selector: { matchLabels: labels }, template, ...spec };
  return JSON.stringify({ apiVersion: 'apps/v1', kind, metadata: { name }, spec: all });
}

const jobPods = async (name: string): Promise<readonly Pod[]> => {
  const selector = `batch.kubernetes.io/job-name=${name}`;
  return (await getObject<{ items: Pod[] }>('pods', '-l', selector, '--sort-by=.metadata.creationTimestamp')).items;
};

/** Names of pods in the order in which a watch saw them come and go. */
function watchOrder(app: string): {
  readonly order: (what: 'come' | 'go') => readonly string[];
  stop(): Promise<void>;
} {
  const columns = 'custom-columns=N:.metadata.name,D:.metadata.deletionTimestamp';
  const watch = kubectlStream(['get', 'pods', '-l', `app=${app}`, '-w', '--no-headers', '-o', columns]);
  const rows = (): readonly (readonly string[])[] =>
    watch
      .output()
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.split(/\s+/));
  return {
    order: (what) => {
      const fitting = rows().filter(([, deleted]) => (deleted === '<none>') === (what === 'come'));
      return [...new Set(fitting.map(([name = '']) => name))];
    },
    stop: () => watch.stop(),
  };
}

describe('a Job', () => {
  it('runs to its end, and kubectl waits for it', async () => {
    await apply(job('counted', 'echo done', { completions: 3, parallelism: 2 }));
    expect(await run('wait', '--for=condition=complete', 'job/counted', '--timeout=60s')).toBe(
      'job.batch/counted condition met\n',
    );
    expect(await run('get', 'job', 'counted', '--no-headers')).toMatch(/^counted +Complete +3\/3 +\d+s /);
    expect(await run('logs', '-l', 'batch.kubernetes.io/job-name=counted')).toBe('done\ndone\ndone\n');
    const found = await getObject<Job>('job', 'counted');
    expect(found.status).toMatchObject({ succeeded: 3, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
    expect((await jobPods('counted')).flatMap((p) => p.metadata?.finalizers ?? [])).toEqual([]);
  });

  it('gives each of its pods an index', async () => {
    const spec = { completions: 3, parallelism: 3, completionMode: 'Indexed' };
    await apply(job('indexed', 'echo "$JOB_COMPLETION_INDEX on $(hostname)"', spec));
    await run('wait', '--for=condition=complete', 'job/indexed', '--timeout=60s');
    const logs = await run('logs', '-l', 'batch.kubernetes.io/job-name=indexed');
    expect(logs.trimEnd().split('\n').sort()).toEqual(['0 on indexed-0', '1 on indexed-1', '2 on indexed-2']);
    expect((await getObject<Job>('job', 'indexed')).status?.completedIndexes).toBe('0-2');
  });

  it('backs off between failures and fails at its limit', async () => {
    await run('wait', '--for=condition=failed', 'job/failing', '--timeout=90s');
    const found = await getObject<Job>('job', 'failing');
    expect(found.status?.conditions?.map((c) => `${c.type} ${c.reason}: ${c.message}`)).toEqual([
      'FailureTarget BackoffLimitExceeded: Job has reached the specified backoff limit',
      'Failed BackoffLimitExceeded: Job has reached the specified backoff limit',
    ]);
    const starts = (await jobPods('failing')).map((p) => Date.parse(p.metadata?.creationTimestamp ?? ''));
    expect(starts).toHaveLength(2);
    expect((starts[1] ?? 0) - (starts[0] ?? 0)).toBeGreaterThanOrEqual(10_000);
  });

  it('is held and let go', async () => {
    await apply(job('held', 'while :; do sleep 1; done'));
    await eventually(async () => expect((await getObject<Job>('job', 'held')).status?.ready).toBe(1), {
      what: 'the pod is ready',
    });
    await run('patch', 'job', 'held', '-p', '{"spec":{"suspend":true}}');
    await eventually(async () => expect(await jobPods('held')).toEqual([]), { what: 'no pods' });
    expect(await run('get', 'job', 'held', '--no-headers')).toMatch(/^held +Suspended +0\/1 /);
    expect((await getObject<Job>('job', 'held')).status?.failed).toBeUndefined();
    await run('patch', 'job', 'held', '-p', '{"spec":{"suspend":false}}');
    await eventually(async () => expect(await jobPods('held')).toHaveLength(1), { what: 'a pod' });
  });

  it('counts each pod once although quadshift is killed again and again', async () => {
    const spec = { completions: 6, parallelism: 2, completionMode: 'Indexed' };
    await apply(job('killed', 'sleep 1; echo "ran $JOB_COMPLETION_INDEX"', spec));
    for (let kill = 0; kill < 4; kill++) {
      const { succeeded = 0 } = (await getObject<Job>('job', 'killed')).status ?? {};
      await box.must(['systemctl', 'kill', '-s', 'KILL', 'quadshift.service']);
      await eventually(
        async () => {
          const result = await kubectl(['get', 'job', 'killed', '-o', 'jsonpath={.status.succeeded}']);
          expect(Number(result.stdout || '0')).toBeGreaterThan(Math.min(succeeded, 5));
        },
        { what: 'it goes on' },
      );
    }
    await run('wait', '--for=condition=complete', 'job/killed', '--timeout=90s');
    const { status } = await getObject<Job>('job', 'killed');
    expect(status).toMatchObject({ succeeded: 6, completedIndexes: '0-5' });
    expect(status?.failed).toBeUndefined();
    expect(await jobPods('killed')).toHaveLength(6);
  });
});

describe('a DaemonSet', () => {
  it('runs on the node, and is updated and rolled back', async () => {
    await apply(workload('DaemonSet', 'agent'));
    await run('rollout', 'status', 'daemonset/agent', '--timeout=60s');
    expect(await run('get', 'daemonset', 'agent', '--no-headers')).toMatch(/^agent +1 +1 +1 +1 +1 +<none> /);
    await run('set', 'image', 'daemonset/agent', 'web=localhost:5000/hello:v2');
    await run('rollout', 'status', 'daemonset/agent', '--timeout=60s');
    expect(await run('rollout', 'history', 'daemonset/agent')).toMatch(/^1 +<none>\n2 +<none>$/m);
    expect(await run('rollout', 'undo', 'daemonset/agent')).toBe('daemonset.apps/agent rolled back\n');
    await run('rollout', 'status', 'daemonset/agent', '--timeout=60s');
    expect((await podsOf('agent')).map((p) => p.spec?.containers[0]?.image)).toEqual(['localhost:5000/hello:v1']);
  });
});

describe('a StatefulSet', () => {
  const ready = (count: number) => async (): Promise<void> => {
    const { status } = await getObject<StatefulSet>('statefulset', 'db');
    expect([status?.replicas, status?.availableReplicas]).toEqual([count, count]);
  };

  it('grows from the lowest ordinal and shrinks from the highest', async () => {
    await apply(workload('StatefulSet', 'db', { replicas: 0, serviceName: 'db' }));
    const watch = watchOrder('db');
    await run('scale', 'statefulset/db', '--replicas=3');
    await eventually(ready(3), { what: 'three pods' });
    await eventually(() => expect(watch.order('come')).toEqual(['db-0', 'db-1', 'db-2']), { what: 'all to be seen' });
    const [first] = await podsOf('db');
    expect(first?.spec).toMatchObject({ hostname: 'db-0', subdomain: 'db' });
    await run('scale', 'statefulset/db', '--replicas=1');
    await eventually(ready(1), { what: 'one pod' });
    await eventually(() => expect(watch.order('go')).toEqual(['db-2', 'db-1']), { what: 'two to go' });
    await watch.stop();
  });

  it('rolls from the highest ordinal down to the partition, and back', async () => {
    await run('scale', 'statefulset/db', '--replicas=3');
    await eventually(ready(3), { what: 'three pods' });
    await run('patch', 'statefulset', 'db', '-p', '{"spec":{"updateStrategy":{"rollingUpdate":{"partition":1}}}}');
    const watch = watchOrder('db');
    await eventually(() => expect(watch.order('come')).toHaveLength(3), { what: 'the watch to begin' });
    await run('set', 'image', 'statefulset/db', 'web=localhost:5000/hello:v2');
    const tags = async (): Promise<readonly string[]> =>
      (await podsOf('db')).map((p) => `${p.metadata?.name} ${p.spec?.containers[0]?.image?.split(':').at(-1)}`).sort();
    const updated = async (): Promise<void> => expect(await tags()).toEqual(['db-0 v1', 'db-1 v2', 'db-2 v2']);
    await eventually(updated, { what: 'two are updated' });
    await eventually(ready(3), { what: 'three pods' });
    await eventually(() => expect(watch.order('go')).toEqual(['db-2', 'db-1']), { what: 'two to go' });
    await watch.stop();
    expect(await run('rollout', 'undo', 'statefulset/db')).toBe('statefulset.apps/db rolled back\n');
    await run('rollout', 'status', 'statefulset/db', '--timeout=60s');
    await eventually(async () => expect(await tags()).toEqual(['db-0 v1', 'db-1 v1', 'db-2 v1']), {
      what: 'all are back',
    });
  });

  it('makes the claims of its pods and keeps them', async () => {
    await remove('statefulset', 'db');
    const requests = { requests: { storage: '1Mi' } };
    const claim = { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: requests } };
    const spec = { replicas: 2, serviceName: 'db', podManagementPolicy: 'Parallel', volumeClaimTemplates: [claim] };
    await apply(workload('StatefulSet', 'db', spec));
    await eventually(
      async () => {
        const { items } = await getObject<{ items: PersistentVolumeClaim[] }>('pvc', '-l', 'app=db');
        expect(items.map((c) => c.metadata?.name).sort()).toEqual(['data-db-0', 'data-db-1']);
      },
      { what: 'two claims' },
    );
    await remove('statefulset', 'db');
    expect(await run('get', 'pvc', '-l', 'app=db', '-o', 'name')).toBe(
      'persistentvolumeclaim/data-db-0\npersistentvolumeclaim/data-db-1\n',
    );
  });
});

describe('a PodDisruptionBudget', () => {
  it('holds up an eviction until enough pods are ready', async () => {
    await run('create', 'poddisruptionbudget', 'agent', '--selector=app=agent', '--min-available=1');
    await eventually(
      async () => expect(await run('get', 'pdb', 'agent', '--no-headers')).toMatch(/^agent +1 +N\/A +0 /),
      { what: 'counted' },
    );
    const name = (await podsOf('agent'))[0]?.metadata?.name ?? '';
    const eviction = JSON.stringify({ apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name } });
    const evict = () =>
      kubectl(['create', '--raw', `/api/v1/namespaces/default/pods/${name}/eviction`, '-f', '-'], { input: eviction });
    expect((await evict()).stderr).toContain("Cannot evict pod as it would violate the pod's disruption budget.");
    await remove('poddisruptionbudget', 'agent');
    expect(await evict()).toMatchObject({ code: 0 });
    await eventually(async () => expect((await podsOf('agent')).map((p) => p.metadata?.name)).not.toContain(name), {
      what: 'another pod takes its place',
    });
  });
});

describe('a CronJob', () => {
  it('is the pattern of Jobs made by hand, and runs by itself', async () => {
    await run('create', 'job', 'by-hand', '--from=cronjob/ticking');
    await run('wait', '--for=condition=complete', 'job/by-hand', '--timeout=60s');
    await eventually(
      async () => {
        const out = await run('get', 'jobs', '--no-headers');
        expect(out).toMatch(/^ticking-\d+ +Complete +1\/1 /m);
      },
      { timeoutMs: 90_000, what: 'a run at the next minute' },
    );
    // Its next run may just go on.
    const row = () => run('get', 'cronjob', 'ticking', '--no-headers');
    await eventually(
      async () => expect(await row()).toMatch(/^ticking +\* \* \* \* \* +<none> +False +0 +\d+m?\d*s? /),
      {
        what: 'its row at rest',
      },
    );
  });
});
