import { afterEach, describe, expect, it } from 'vitest';
import type { Deployment, HorizontalPodAutoscaler } from '../kinds/types.ts';
import type { PodUsage } from './autoscaling/samples.ts';
import { deploymentRollout } from './deployment-rollout.ts';
import { horizontalPodAutoscaling } from './horizontal-pod-autoscaling.ts';
import { nameOf } from './meta.ts';
import { replicaSetReplicas } from './replica-set-replicas.ts';
import { createScales } from './scales.ts';
import { createFakeCluster, type FakeCluster } from './workloads/fake-cluster.ts';

const clusters: FakeCluster[] = [];
const labels = { app: 'web' };
const SECOND = 1000;

interface Load {
  /** Per pod. */
  cpu: string;
  memory: string;
}

interface Subject {
  readonly made: FakeCluster;
  readonly load: Load;
}

function usage(made: () => FakeCluster, load: Load): () => Promise<readonly PodUsage[]> {
  return async () => {
    const timestamp = new Date(made().clock.now()).toISOString();
    return made()
      .resources.pods.list('default')
      .map((pod) => ({
        metadata: { name: nameOf(pod) },
        timestamp,
        window: '15s',
        containers: [{ name: 'main', usage: { ...load } }],
      }));
  };
}

async function cluster(spec: object, replicas = 2): Promise<Subject> {
  const load = { cpu: '50m', memory: '64Mi' };
  const made = createFakeCluster({
    controllers: (o) => [
      deploymentRollout(o),
      replicaSetReplicas(o),
      horizontalPodAutoscaling({
        ...o,
        scales: {
          find: (...call) => createScales(made.registry).find(...call),
          set: (...call) => createScales(made.registry).set(...call),
        },
        podUsage: usage(() => made, load),
      }),
    ],
  });
  clusters.push(made);
  await made.start();
  const resources = { requests: { cpu: '100m', memory: '128Mi' } };
  const template = {
    metadata: { labels },
    spec: { containers: [{ name: 'main', image: 'localhost/hello:1', resources }] },
  };
  await made.resources.deployments.create({
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas, selector: { matchLabels: labels }, template },
  } as Deployment);
  await made.settle();
  // Young pods' use of the processor doesn't count.
  await made.pass(400 * SECOND);
  await made.resources.horizontalPodAutoscalers.create(autoscaler('web', spec));
  await made.settle();
  return { made, load };
}

function autoscaler(name: string, spec: object): HorizontalPodAutoscaler {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  const metrics = [
    { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
  ];
  return {
    metadata: { name, namespace: 'default' },
    spec: { scaleTargetRef, minReplicas: 1, maxReplicas: 10, metrics, ...spec },
  } as HorizontalPodAutoscaler;
}

afterEach(() => {
  for (const each of clusters.splice(0)) each.stop();
});

const find = ({ made }: Subject) => made.resources.horizontalPodAutoscalers.find('default', 'web');
const size = ({ made }: Subject) => made.resources.deployments.find('default', 'web')?.spec?.replicas;
const conditions = (subject: Subject): object =>
  Object.fromEntries((find(subject)?.status?.conditions ?? []).map((c) => [c.type, `${c.status} ${c.reason}`]));
const round = async ({ made }: Subject): Promise<void> => {
  await made.pass(15 * SECOND);
  await made.settle();
};

describe('an autoscaler', () => {
  it('leaves the size alone while use is near the target', async () => {
    const subject = await cluster({});
    expect(size(subject)).toBe(2);
    expect(find(subject)?.status).toMatchObject({ currentReplicas: 2, desiredReplicas: 2 });
    expect(find(subject)?.status?.currentMetrics).toEqual([
      { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 50, averageValue: '50m' } } },
    ]);
    expect(conditions(subject)).toEqual({
      AbleToScale: 'True ReadyForNewScale',
      ScalingActive: 'True ValidMetricFound',
      ScalingLimited: 'False DesiredWithinRange',
    });
  });

  it('adds pods when they use more, at most doubling, and tells why', async () => {
    const subject = await cluster({});
    subject.load.cpu = '200m';
    await round(subject);
    expect(size(subject)).toBe(4);
    expect(conditions(subject)).toMatchObject({
      AbleToScale: 'True SucceededRescale',
      ScalingLimited: 'True ScaleUpLimit',
    });
    expect(subject.made.events('web')).toContain(
      'Normal SuccessfulRescale: New size: 4; reason: cpu resource utilization (percentage of request) above target',
    );
    expect(find(subject)?.status?.lastScaleTime).toBeDefined();
  });

  it('removes pods only after five minutes without a higher recommendation', async () => {
    const subject = await cluster({}, 4);
    subject.load.cpu = '10m';
    await round(subject);
    expect([size(subject), conditions(subject)]).toMatchObject([4, { AbleToScale: 'True ScaleDownStabilized' }]);
    for (let i = 0; i < 21; i++) await round(subject);
    expect(size(subject)).toBe(1);
    expect(subject.made.events('web')).toContain(
      'Normal SuccessfulRescale: New size: 1; reason: All metrics below target',
    );
  });

  it('keeps to the bounds and to the rates of its behavior', async () => {
    const policies = [{ type: 'Pods', value: 1, periodSeconds: 60 }];
    const subject = await cluster({ maxReplicas: 3, behavior: { scaleUp: { policies } } });
    subject.load.cpu = '400m';
    await round(subject);
    expect([size(subject), conditions(subject)]).toMatchObject([3, { ScalingLimited: 'True TooManyReplicas' }]);
    const slow = await cluster({ behavior: { scaleUp: { policies } } });
    slow.load.cpu = '400m';
    await round(slow);
    await round(slow);
    expect([size(slow), conditions(slow)]).toMatchObject([3, { ScalingLimited: 'True ScaleUpLimit' }]);
    for (let i = 0; i < 4; i++) await round(slow);
    expect(size(slow)).toBe(4);
  });

  it('goes by the metric that asks for most, containers’ and values among them', async () => {
    const target = { type: 'AverageValue', averageValue: '16Mi' };
    const metrics = [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 50 } } },
      { type: 'ContainerResource', containerResource: { name: 'memory', container: 'main', target } },
    ];
    const subject = await cluster({ metrics });
    expect(size(subject)).toBe(4);
    expect(find(subject)?.status?.currentMetrics?.[1]).toEqual({
      type: 'ContainerResource',
      containerResource: { name: 'memory', container: 'main', current: { averageValue: '64Mi' } },
    });
  });

  it('says what it lacks', async () => {
    const external = { metric: { name: 'queue' }, target: { type: 'Value', value: '1' } };
    const subject = await cluster({ metrics: [{ type: 'External', external }] });
    expect(conditions(subject)).toMatchObject({ ScalingActive: 'False FailedGetExternalMetric' });
    expect(subject.made.events('web').filter((e) => e.includes('FailedComputeMetricsReplicas'))[0]).toContain(
      'invalid metrics (1 invalid out of 1), first error is: failed to get queue external metric value: unable to get external metric queue',
    );
    const lost = await cluster({ scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'other' } });
    expect(conditions(lost)).toEqual({ AbleToScale: 'False FailedGetScale' });
    expect(lost.made.events('web')).toContain('Warning FailedGetScale: deployments.apps "other" not found');
  });

  it('gives way when another scales the same pods', async () => {
    const subject = await cluster({});
    await subject.made.resources.horizontalPodAutoscalers.create(autoscaler('other', {}));
    subject.load.cpu = '400m';
    await round(subject);
    expect([size(subject), conditions(subject)]).toMatchObject([2, { ScalingActive: 'False AmbiguousSelector' }]);
  });

  it('does nothing for a target of none', async () => {
    const subject = await cluster({}, 0);
    expect([size(subject), conditions(subject)]).toMatchObject([0, { ScalingActive: 'False ScalingDisabled' }]);
  });
});
