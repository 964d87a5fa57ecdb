import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HorizontalPodAutoscaler, Job, Pod } from '../src/kinds/types.ts';
import { eventually, kubectl, kubectlStream } from './harness.ts';
import { httpReadiness } from './manifests.ts';
import { apply, getObject, podsOf, remove, run } from './pods.ts';

/* What the other pages of kubernetes.io/docs/concepts/workloads and …/tasks have their readers type, and what they see. */

const BUSYBOX = 'localhost:5000/busybox:latest';
const MADE = [
  'statefulset/web',
  'service/nginx',
  'rc/nginx',
  'hpa/php-apache',
  'deployment/php-apache',
  'pdb/php-apache',
];
const JOBS = ['queue', 'policy', 'lenient', 'winner', 'pi'];

afterAll(async () => {
  await remove(...MADE);
  await remove('job', ...JOBS);
});

/** It is looked at every 15 seconds: beside the other cases. Busy enough, and no burden to them. */
beforeAll(async () => {
  const script = 'while :; do i=0; while [ $i -lt 2000 ]; do i=$((i + 1)); done; sleep 0.2; done';
  const resources = { requests: { cpu: '5m' } };
  const busy = { name: 'php-apache', image: BUSYBOX, command: ['sh', '-c', script], resources };
  const labels = { app: 'php-apache' };
  const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 0, containers: [busy] } };
  await apply(workload('Deployment', 'php-apache', { template }));
  await run('autoscale', 'deployment', 'php-apache', '--cpu-percent=50', '--min=1', '--max=2');
});

function workload(kind: string, name: string, spec: object = {}): string {
  const labels = { app: name };
  const containers = [{ name: 'nginx', image: 'localhost:5000/hello:v1', readinessProbe: httpReadiness }];
  const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers } };
  const all = { selector: kind === 'ReplicationController' ? labels : { matchLabels: labels }, template, ...spec };
  const apiVersion = kind === 'ReplicationController' ? 'v1' : 'apps/v1';
  return JSON.stringify({ apiVersion, kind, metadata: { name }, spec: all });
}

function job(name: string, script: string, spec: object = {}): string {
  const containers = [{ name: 'main', image: BUSYBOX, command: ['sh', '-c', script] }];
  const template = { spec: { restartPolicy: 'Never', terminationGracePeriodSeconds: 1, containers } };
  return JSON.stringify({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { template, ...spec } });
}

const images = async (app: string): Promise<readonly string[]> =>
  (await podsOf(app))
    .map(({ metadata, spec }) => `${metadata?.name} ${spec?.containers[0]?.image?.split(':').at(-1)}`)
    .sort();
const until = (what: string, holds: () => Promise<void>): Promise<void> => eventually(holds, { what });
const conditionsOf = async (name: string): Promise<readonly string[]> =>
  ((await getObject<Job>('job', name)).status?.conditions ?? []).map(({ type, reason }) => `${type} ${reason}`);

describe('a ReplicationController', () => {
  it('keeps its number of pods, and is scaled', async () => {
    expect(await apply(workload('ReplicationController', 'nginx', { replicas: 2 }))).toBe(
      'replicationcontroller/nginx created\n',
    );
    await until('two are ready', async () =>
      expect(await run('get', 'rc', 'nginx')).toMatch(/^NAME +DESIRED +CURRENT +READY +AGE\nnginx +2 +2 +2 +\d+s\n$/),
    );
    expect(await run('describe', 'rc', 'nginx')).toMatch(
      /^Pods Status: +2 Running \/ 0 Waiting \/ 0 Succeeded \/ 0 Failed$/m,
    );
    expect(await run('scale', 'rc', 'nginx', '--replicas=1')).toBe('replicationcontroller/nginx scaled\n');
    await until('one is left', async () => expect(await podsOf('nginx')).toHaveLength(1));
  });
});

describe('a StatefulSet', () => {
  it('has names that stay, which its headless Service knows', async () => {
    const ports = [{ port: 80, name: 'web' }];
    const service = { metadata: { name: 'nginx' }, spec: { ports, clusterIP: 'None', selector: { app: 'web' } } };
    await apply(JSON.stringify({ apiVersion: 'v1', kind: 'Service', ...service }));
    expect(await apply(workload('StatefulSet', 'web', { serviceName: 'nginx', replicas: 2 }))).toBe(
      'statefulset.apps/web created\n',
    );
    expect(await run('rollout', 'status', 'statefulset/web', '--timeout=60s')).toMatch(
      /statefulset rolling update complete 2 pods at revision web-[a-z0-9]+\.\.\.\n$|partitioned roll out complete: 2 new pods have been updated\.\.\.\n$/,
    );
    expect(await run('get', 'statefulset', 'web')).toMatch(/^NAME +READY +AGE\nweb +2\/2 +\d+s\n$/);
    expect(await run('exec', 'web-1', '--', 'hostname')).toBe('web-1\n');
    const [uid] = (await podsOf('web')).map(({ metadata }) => metadata?.uid);
    await run('delete', 'pod', 'web-0');
    await until('it is back', async () => {
      expect((await images('web')).map((each) => each.split(' ')[0])).toEqual(['web-0', 'web-1']);
      expect((await podsOf('web')).map(({ metadata }) => metadata?.uid)).not.toContain(uid);
    });
    await run('rollout', 'status', 'statefulset/web', '--timeout=60s');
    expect(await run('describe', 'statefulset', 'web')).toMatch(
      /Normal +SuccessfulCreate .* statefulset-controller +create Pod web-0 in StatefulSet web successful$/m,
    );
  });

  it('of strategy OnDelete changes the pods that are deleted, and no other', async () => {
    await run(
      'patch',
      'statefulset',
      'web',
      '--type=merge',
      '-p',
      '{"spec":{"updateStrategy":{"type":"OnDelete","rollingUpdate":null}}}',
    );
    await run('set', 'image', 'statefulset/web', 'nginx=localhost:5000/hello:v2');
    await run('delete', 'pod', 'web-1');
    await until('the deleted one is back', async () => expect(await images('web')).toEqual(['web-0 v1', 'web-1 v2']));
    const status = await kubectl(['rollout', 'status', 'statefulset/web']);
    expect(status.stderr).toBe('error: rollout status is only available for RollingUpdate strategy type\n');
  });
});

describe('a Job', () => {
  it('is described with what it did', async () => {
    await apply(job('pi', 'echo 3.14159'));
    await run('wait', '--for=condition=complete', 'job/pi', '--timeout=60s');
    expect(await run('get', 'jobs', 'pi')).toMatch(
      /^NAME +STATUS +COMPLETIONS +DURATION +AGE\npi +Complete +1\/1 +\d+s +\d+s\n$/,
    );
    await until('it is described', async () => {
      const text = await run('describe', 'job', 'pi');
      expect(text).toMatch(/^Pods Statuses: +0 Active \(0 Ready\) \/ 1 Succeeded \/ 0 Failed$/m);
      expect(text).toMatch(/Normal +SuccessfulCreate .* job-controller +Created pod: pi-[a-z0-9]+$/m);
      expect(text).toMatch(/Normal +Completed .* job-controller +Job completed$/m);
      expect(await run('logs', 'jobs/pi')).toBe('3.14159\n');
    });
  });

  it('of a work queue ends when one of its pods has found the queue empty', async () => {
    await apply(job('queue', 'sleep 1', { parallelism: 2 }));
    await run('wait', '--for=condition=complete', 'job/queue', '--timeout=60s');
    expect(await run('get', 'job', 'queue', '--no-headers')).toMatch(/^queue +Complete +2\/1 of 2 +/);
  });

  it('fails, or forgives, by its pod failure policy', async () => {
    const rule = (action: string, value: number) => ({
      action,
      onExitCodes: { containerName: 'main', operator: 'In', values: [value] },
    });
    await apply(job('policy', 'exit 42', { backoffLimit: 6, podFailurePolicy: { rules: [rule('FailJob', 42)] } }));
    await run('wait', '--for=condition=failed', 'job/policy', '--timeout=60s');
    expect(await conditionsOf('policy')).toEqual(['FailureTarget PodFailurePolicy', 'Failed PodFailurePolicy']);
    const message = await run(
      'get',
      'job',
      'policy',
      '-o',
      'jsonpath={.status.conditions[?(@.type=="Failed")].message}',
    );
    expect(message).toMatch(
      /^Container main for pod default\/policy-[a-z0-9]+ failed with exit code 42 matching FailJob rule at index 0$/,
    );
  });

  it('counts failures by index, and ends well when the index that matters did', async () => {
    const indexed = { completions: 2, parallelism: 2, completionMode: 'Indexed' };
    const script = '[ "$JOB_COMPLETION_INDEX" = 1 ]';
    await apply(job('lenient', script, { ...indexed, backoffLimitPerIndex: 0, maxFailedIndexes: 2 }));
    await apply(
      job('winner', '[ "$JOB_COMPLETION_INDEX" = 1 ] || sleep 600', {
        ...indexed,
        successPolicy: { rules: [{ succeededIndexes: '1' }] },
      }),
    );
    await run('wait', '--for=condition=failed', 'job/lenient', '--timeout=60s');
    await run('wait', '--for=condition=complete', 'job/winner', '--timeout=60s');
    const { status } = await getObject<Job>('job', 'lenient');
    expect([status?.failedIndexes, status?.completedIndexes]).toEqual(['0', '1']);
    expect(await conditionsOf('lenient')).toEqual(['FailureTarget FailedIndexes', 'Failed FailedIndexes']);
    expect(await conditionsOf('winner')).toEqual(['SuccessCriteriaMet SuccessPolicy', 'Complete SuccessPolicy']);
  });
});

describe('a HorizontalPodAutoscaler', () => {
  it('adds pods while they are busy', async () => {
    await until('two pods', async () => {
      const { status } = await getObject<HorizontalPodAutoscaler>('hpa', 'php-apache');
      expect([status?.desiredReplicas, status?.currentReplicas]).toEqual([2, 2]);
    });
    expect(await run('get', 'hpa', 'php-apache')).toMatch(
      /^NAME +REFERENCE +TARGETS +MINPODS +MAXPODS +REPLICAS +AGE\nphp-apache +Deployment\/php-apache +cpu: \d+%\/50% +1 +2 +2 +\d+s\n$/,
    );
    const text = await run('describe', 'hpa', 'php-apache');
    expect(text).toMatch(
      /^ {2}ScalingLimited +True +TooManyReplicas +the desired replica count is more than the maximum replica count$/m,
    );
    expect(text).toMatch(
      /Normal +SuccessfulRescale .* horizontal-pod-autoscaler +New size: 2; reason: cpu resource utilization \(percentage of request\) above target$/m,
    );
    await remove('hpa/php-apache');
  });
});

describe('a PodDisruptionBudget', () => {
  it('makes a drain wait, until its pods may go', async () => {
    await run('create', 'poddisruptionbudget', 'php-apache', '--selector=app=php-apache', '--min-available=2');
    await until('counted', async () =>
      expect(await run('get', 'pdb', 'php-apache', '--no-headers')).toMatch(/^php-apache +2 +N\/A +0 /),
    );
    const node = (await run('get', 'nodes', '-o', 'jsonpath={.items[0].metadata.name}')).trim();
    const drain = kubectlStream(['drain', node, '--pod-selector=app=php-apache', '--timeout=90s']);
    await until('it waits', async () => {
      expect(drain.output()).toContain(`node/${node} cordoned\n`);
      expect(drain.errors()).toContain("Cannot evict pod as it would violate the pod's disruption budget.");
    });
    expect(drain.output()).not.toContain('drained');
    await remove('pdb/php-apache');
    // It tries again every five seconds.
    await until('it goes on', async () => expect(drain.output()).toContain(`node/${node} drained\n`));
    await drain.stop();
    await until('the pods wait', async () => {
      const found = (await getObject<{ items: Pod[] }>('pods', '-l', 'app=php-apache')).items;
      expect(found.map(({ status }) => status?.phase)).toEqual(['Pending', 'Pending']);
    });
    expect(await run('uncordon', node)).toBe(`node/${node} uncordoned\n`);
    await run('rollout', 'status', 'deployment/php-apache', '--timeout=60s');
  });
});
