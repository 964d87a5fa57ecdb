import { afterEach, describe, expect, it } from 'vitest';
import { createFakeServiceManager } from '../../systemd/fake-service-manager.ts';
import { podUnitNames } from '../../translators/units/pod-names.ts';
import { createFakePodman } from '../host/fake-podman.ts';
import type { Deployment, Job, Pod } from '../kinds/types.ts';
import { createFakeHouse } from './fake-house.ts';
import { nameOf, uidOf } from './meta.ts';
import { isPodReady } from './workloads/pod-facts.ts';

type FakeHouse = ReturnType<typeof makeHouse>;

const houses: FakeHouse[] = [];

function makeHouse() {
  return createFakeHouse({
    serviceManager: (now) => createFakeServiceManager({ now }),
    podman: (now) => createFakePodman({ now }),
  });
}

function house(): FakeHouse {
  const made = makeHouse();
  houses.push(made);
  made.podman.addImage('localhost/hello:1');
  made.podman.addImage('localhost/hello:2');
  return made;
}

afterEach(() => {
  for (const each of houses.splice(0)) each.stop();
});

const metadata = (name: string) => ({ name, namespace: 'default' });

function pod(name: string, spec: Partial<NonNullable<Pod['spec']>> = {}): Pod {
  return { metadata: metadata(name), spec: { containers: [{ name: 'app', image: 'localhost/hello:1' }], ...spec } };
}

function deployment(spec: object = {}): Deployment {
  const labels = { app: 'hello' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'localhost/hello:1' }] } };
  return {
    metadata: metadata('hello'),
    spec: { replicas: 2, selector: { matchLabels: labels }, template, ...spec },
  } as Deployment;
}

async function booted(): Promise<FakeHouse> {
  const made = house();
  made.start();
  const ready = (): boolean =>
    made.resources.nodes.find('', 'host')?.status?.conditions !== undefined &&
    made.resources.serviceAccounts.find('default', 'default') !== undefined &&
    made.resources.configMaps.find('kube-system', 'kube-root-ca.crt') !== undefined;
  await made.until(ready, 'booted');
  return made;
}

function messages(made: FakeHouse, name: string): readonly string[] {
  return made.resources.events
    .list()
    .filter((e) => e.involvedObject.name === name)
    .map((e) => `${e.type} ${e.reason}: ${e.message}`)
    .sort();
}

const find = (made: FakeHouse, name: string): Pod | undefined => made.resources.pods.find('default', name);
const isReady = (made: FakeHouse, name: string): boolean => {
  const found = find(made, name);
  return found !== undefined && isPodReady(found);
};

describe('a pod', () => {
  it('is placed, gets an address, becomes units and then Ready, and tells of it as the kubelet does', async () => {
    const made = await booted();
    await made.resources.pods.create(pod('web'));
    await made.until(() => isReady(made, 'web'), 'web is ready');
    await made.settle();
    const web = find(made, 'web');
    expect(web?.status).toMatchObject({
      phase: 'Running',
      podIP: '10.42.0.2',
      podIPs: [{ ip: '10.42.0.2' }],
      hostIP: '192.0.2.10',
      qosClass: 'BestEffort',
      containerStatuses: [{ name: 'app', ready: true, started: true, restartCount: 0, lastState: {} }],
    });
    expect(web?.status?.conditions?.map((c) => `${c.type}=${c.status}`).sort()).toEqual([
      'ContainersReady=True',
      'Initialized=True',
      'PodReadyToStartContainers=True',
      'PodScheduled=True',
      'Ready=True',
    ]);
    expect(messages(made, 'web')).toEqual([
      'Normal Created: Container created',
      'Normal Pulled: Container image "localhost/hello:1" already present on machine and can be accessed by the pod',
      'Normal Scheduled: Successfully assigned default/web to host',
      'Normal Started: Container started',
    ]);
  });

  it('leaves nothing behind when it is deleted', async () => {
    const made = await booted();
    await made.resources.pods.create(pod('web'));
    await made.until(() => isReady(made, 'web'), 'web is ready');
    await made.resources.pods.delete(pod('web'));
    await made.until(() => find(made, 'web') === undefined, 'web is gone');
    await made.settle();
    expect(made.unitDirectory.owners.size).toBe(0);
    expect(await made.serviceManager.list(['qs-*'])).toEqual([]);
    expect(messages(made, 'web')).toContain('Normal Killing: Stopping container app');
  });

  it('is taken off the machine when it was deleted by force, before its namesake starts', async () => {
    const made = await booted();
    const first = await made.resources.pods.create(pod('web'));
    await made.until(() => isReady(made, 'web'), 'web is ready');
    await made.resources.pods.delete(first, { gracePeriodSeconds: 0 });
    const second = await made.resources.pods.create(pod('web'));
    await made.until(() => isReady(made, 'web'), 'its namesake is ready');
    expect([...made.unitDirectory.owners.keys()]).toEqual([uidOf(second)]);
  });

  it('counts restarts across restarts of quadshift and of the pod, and shows the crash in between', async () => {
    const made = await booted();
    const web = await made.resources.pods.create(pod('web'));
    await made.until(() => isReady(made, 'web'), 'web is ready');
    const { containers, gate } = podUnitNames(web);
    const unit = containers[0]?.service ?? '';
    const status = () => find(made, 'web')?.status?.containerStatuses?.[0];
    made.serviceManager.exit(unit, { status: 3 });
    await made.until(() => status()?.state?.waiting !== undefined, 'crashed');
    expect(status()).toMatchObject({
      ready: false,
      restartCount: 0,
      state: { waiting: { reason: 'CrashLoopBackOff' } },
      lastState: { terminated: { exitCode: 3, reason: 'Error' } },
    });
    expect(status()?.state?.waiting?.message).toMatch(
      /^back-off 10s restarting failed container=app pod=web_default\(uid-\d+\)$/,
    );
    made.serviceManager.restartDue(unit);
    await made.until(() => status()?.restartCount === 1, 'restarted');

    made.stop();
    made.serviceManager.exit(unit, { status: 3 });
    made.serviceManager.restartDue(unit);
    made.start();
    await made.until(() => status()?.restartCount === 2, 'the missed restart is counted');

    made.clock.advance(5000);
    await made.serviceManager.restart(gate);
    await made.until(() => status()?.restartCount === 3, 'a restart by a job counts once');
    made.serviceManager.exit(unit, { status: 3 });
    made.serviceManager.restartDue(unit);
    await made.until(() => status()?.restartCount === 4, 'later ones add up');
  });

  it('that never restarts ends Succeeded or Failed, and its units go', async () => {
    const made = await booted();
    for (const [name, code] of [
      ['good', 0],
      ['bad', 7],
    ] as const) {
      const job = await made.resources.pods.create(pod(name, { restartPolicy: 'Never' }));
      await made.until(() => find(made, name)?.status?.phase === 'Running', `${name} runs`);
      made.serviceManager.exit(podUnitNames(job).containers[0]?.service ?? '', { status: code });
    }
    await made.until(() => find(made, 'good')?.status?.phase === 'Succeeded', 'good has succeeded');
    await made.until(() => find(made, 'bad')?.status?.phase === 'Failed', 'bad has failed');
    await made.until(() => made.unitDirectory.owners.size === 0, 'units are gone');
    expect(find(made, 'bad')?.status?.containerStatuses?.[0]?.state?.terminated).toMatchObject({
      exitCode: 7,
      reason: 'Error',
    });
    expect(find(made, 'good')?.status?.conditions?.find((c) => c.type === 'Ready')).toMatchObject({
      status: 'False',
      reason: 'PodCompleted',
    });
  });

  it('waits for a missing ConfigMap and starts when it comes', async () => {
    const made = await booted();
    const env = [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } }];
    await made.resources.pods.create(pod('web', { containers: [{ name: 'app', image: 'localhost/hello:1', env }] }));
    const waiting = () => find(made, 'web')?.status?.containerStatuses?.[0]?.state?.waiting;
    await made.until(() => waiting()?.reason === 'CreateContainerConfigError', 'refused');
    expect(waiting()?.message).toBe('configmap "settings" not found');
    await made.resources.configMaps.create({ metadata: metadata('settings'), data: { a: '1' } });
    await made.until(() => isReady(made, 'web'), 'web is ready');
  });

  it('whose image cannot be pulled says so, backs off, and starts when the image is there', async () => {
    const made = await booted();
    await made.resources.pods.create(pod('web', { containers: [{ name: 'app', image: 'localhost/late:1' }] }));
    const waiting = () => find(made, 'web')?.status?.containerStatuses?.[0]?.state?.waiting;
    await made.until(() => waiting()?.reason === 'ErrImagePull', 'the pull fails');
    await made.until(() => waiting()?.reason === 'ImagePullBackOff', 'backs off');
    expect(waiting()?.message).toMatch(/^Back-off pulling image "localhost\/late:1": ErrImagePull: .*manifest unknown/);
    made.podman.onPull('localhost/late:1', { image: {} });
    await made.until(() => isReady(made, 'web'), 'web is ready');
    expect(messages(made, 'web').filter((m) => /Pulling|BackOff|Failed/.test(m))).toEqual([
      'Normal BackOff: Back-off pulling image "localhost/late:1"',
      'Normal Pulling: Pulling image "localhost/late:1"',
      'Warning Failed: Error: ErrImagePull',
      'Warning Failed: Error: ImagePullBackOff',
      expect.stringMatching(/^Warning Failed: Failed to pull image "localhost\/late:1": .*manifest unknown/),
    ]);
  });

  it('with a field that cannot be kept never runs, and names the field', async () => {
    const made = await booted();
    await made.resources.pods.create(pod('web', { hostPID: true }));
    const waiting = () => find(made, 'web')?.status?.containerStatuses?.[0]?.state?.waiting;
    await made.until(() => waiting()?.message === 'spec.hostPID: not supported', 'refused');
    expect(made.unitDirectory.owners.size).toBe(0);
    expect(messages(made, 'web')).toContain('Warning Failed: spec.hostPID: not supported');
  });

  it('is unschedulable when its nodeSelector does not match, and is placed once the node does', async () => {
    const made = await booted();
    await made.resources.pods.create(pod('web', { nodeSelector: { disk: 'fast' } }));
    const scheduled = () => find(made, 'web')?.status?.conditions?.find((c) => c.type === 'PodScheduled');
    await made.until(() => scheduled()?.reason === 'Unschedulable', 'unschedulable');
    expect(scheduled()?.message).toBe(
      "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
    );
    const node = made.resources.nodes.find('', 'host') ?? {};
    await made.resources.nodes.modify(node, (n) => ({
      ...n,
      metadata: { ...n.metadata, labels: { ...n.metadata?.labels, disk: 'fast' } },
    }));
    await made.until(() => isReady(made, 'web'), 'web is ready');
  });
});

describe('quadshift coming back', () => {
  it('tells the truth about what runs without touching it', async () => {
    const made = await booted();
    await made.resources.pods.create(pod('web'));
    await made.until(() => isReady(made, 'web'), 'web is ready');
    await made.settle();
    made.stop();
    const calls = made.serviceManager.calls.length;
    const written = made.registry.revision;
    made.start();
    await made.settle();
    expect(made.serviceManager.calls.slice(calls)).toEqual(['reload']);
    expect(made.registry.revision).toBe(written);
  });

  it('removes what runs for a pod that was deleted meanwhile', async () => {
    const made = await booted();
    const web = await made.resources.pods.create(pod('web'));
    await made.until(() => isReady(made, 'web'), 'web is ready');
    made.stop();
    await made.resources.pods.delete(web, { gracePeriodSeconds: 0 });
    made.start();
    await made.until(() => made.unitDirectory.owners.size === 0, 'units are gone');
  });
});

describe('a Deployment', () => {
  const stored = (made: FakeHouse) => made.resources.deployments.find('default', 'hello');
  const progressing = (made: FakeHouse) => stored(made)?.status?.conditions?.find((c) => c.type === 'Progressing');
  const complete = (made: FakeHouse, replicas: number) => () =>
    stored(made)?.status?.availableReplicas === replicas &&
    stored(made)?.status?.updatedReplicas === replicas &&
    stored(made)?.status?.replicas === replicas &&
    progressing(made)?.reason === 'NewReplicaSetAvailable';

  async function rolledOut(spec: object = {}): Promise<FakeHouse> {
    const made = await booted();
    await made.resources.deployments.create(deployment(spec));
    await made.until(complete(made, 2), 'rolled out');
    return made;
  }

  const setImage = (made: FakeHouse, image: string) =>
    made.resources.deployments.modify(deployment(), (d) => {
      const template = d.spec?.template;
      return {
        ...d,
        spec: d.spec && {
          ...d.spec,
          template: { ...template, spec: { ...template?.spec, containers: [{ name: 'app', image }] } },
        },
      } as Deployment;
    });

  it('rolls out with the conditions and Events of upstream', async () => {
    const made = await rolledOut();
    const [replicaSet] = made.resources.replicaSets.list('default');
    const name = replicaSet === undefined ? '' : nameOf(replicaSet);
    expect(name).toMatch(/^hello-[bcdf-hj-np-tv-z2-9]+$/);
    expect(replicaSet?.metadata?.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '1',
      'deployment.kubernetes.io/desired-replicas': '2',
      'deployment.kubernetes.io/max-replicas': '3',
    });
    expect(stored(made)?.status).toMatchObject({ replicas: 2, readyReplicas: 2, observedGeneration: 1 });
    const conditions = stored(made)?.status?.conditions?.map((c) => `${c.type}=${c.status} ${c.reason}: ${c.message}`);
    expect(conditions?.sort()).toEqual([
      'Available=True MinimumReplicasAvailable: Deployment has minimum availability.',
      `Progressing=True NewReplicaSetAvailable: ReplicaSet "${name}" has successfully progressed.`,
    ]);
    expect(messages(made, 'hello')).toEqual([`Normal ScalingReplicaSet: Scaled up replica set ${name} from 0 to 2`]);
    expect(messages(made, name).every((m) => m.startsWith(`Normal SuccessfulCreate: Created pod: ${name}-`))).toBe(
      true,
    );
  });

  it('updates step by step and keeps the old ReplicaSet for a rollback, which revives it', async () => {
    const made = await rolledOut();
    let fewest = 2;
    let most = 2;
    await setImage(made, 'localhost/hello:2');
    await made.until(() => {
      const pods = made.resources.pods.list('default').filter((p) => !p.metadata?.deletionTimestamp);
      fewest = Math.min(fewest, pods.filter(isPodReady).length);
      most = Math.max(most, pods.length);
      return stored(made)?.metadata?.annotations?.['deployment.kubernetes.io/revision'] === '2' && complete(made, 2)();
    }, 'updated');
    expect({ fewest, most }).toEqual({ fewest: 2, most: 3 });
    await setImage(made, 'localhost/hello:1');
    await made.until(
      () => stored(made)?.metadata?.annotations?.['deployment.kubernetes.io/revision'] === '3' && complete(made, 2)(),
      'rolled back',
    );
    const revived = made.resources.replicaSets.list('default').find((rs) => rs.spec?.replicas === 2);
    expect(revived?.metadata?.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
    });
    expect(made.resources.replicaSets.list('default')).toHaveLength(2);
  });

  it('with Recreate lets all old pods go before a new one comes', async () => {
    const made = await rolledOut({ strategy: { type: 'Recreate' } });
    let overlap = false;
    await setImage(made, 'localhost/hello:2');
    const images = (): ReadonlySet<string | undefined> =>
      new Set(made.resources.pods.list('default').map((p) => p.spec?.containers[0]?.image));
    await made.until(() => {
      overlap ||= images().size > 1;
      return images().has('localhost/hello:2') && complete(made, 2)();
    }, 'recreated');
    expect(overlap).toBe(false);
  });

  it('scales up and down, deleting surplus pods', async () => {
    const made = await rolledOut();
    const scale = (replicas: number) =>
      made.resources.deployments.modify(deployment(), (d) => ({ ...d, spec: d.spec && { ...d.spec, replicas } }));
    await scale(4);
    await made.until(() => stored(made)?.status?.availableReplicas === 4, 'four');
    await scale(1);
    await made.until(() => made.resources.pods.list('default').length === 1, 'one');
    expect(messages(made, 'hello').map((m) => m.replace(/hello-\S+/, 'rs'))).toEqual([
      'Normal ScalingReplicaSet: Scaled down replica set rs from 4 to 1',
      'Normal ScalingReplicaSet: Scaled up replica set rs from 0 to 2',
      'Normal ScalingReplicaSet: Scaled up replica set rs from 2 to 4',
    ]);
  });

  it('that is paused does not roll, and does when resumed', async () => {
    const made = await rolledOut();
    const pause = (paused: boolean) =>
      made.resources.deployments.modify(deployment(), (d) => ({ ...d, spec: d.spec && { ...d.spec, paused } }));
    await pause(true);
    await setImage(made, 'localhost/hello:2');
    await made.until(() => progressing(made)?.reason === 'DeploymentPaused', 'paused');
    await made.settle();
    expect(made.resources.replicaSets.list('default')).toHaveLength(1);
    await pause(false);
    await made.until(() => made.resources.replicaSets.list('default').length === 2 && complete(made, 2)(), 'rolled');
  });

  it('says when its deadline has passed', async () => {
    const made = await booted();
    const template = {
      metadata: { labels: { app: 'hello' } },
      spec: { containers: [{ name: 'app', image: 'localhost/none:1' }] },
    };
    await made.resources.deployments.create(deployment({ template, progressDeadlineSeconds: 20 }));
    await made.until(() => progressing(made)?.reason === 'ProgressDeadlineExceeded', 'timed out');
    expect(progressing(made)?.message).toMatch(/^ReplicaSet "hello-\w+" has timed out progressing\.$/);
  });

  it('is deleted with everything that it owns', async () => {
    const made = await rolledOut();
    await made.resources.deployments.delete(deployment(), { propagationPolicy: 'Background' });
    await made.until(() => made.resources.pods.list('default').length === 0, 'pods are gone');
    expect(made.resources.replicaSets.list('default')).toEqual([]);
  });

  it('deleted in the foreground goes after its dependents; orphaned, before', async () => {
    const made = await rolledOut();
    await made.resources.deployments.delete(deployment(), { propagationPolicy: 'Foreground' });
    await made.settle();
    expect(stored(made) !== undefined || made.resources.replicaSets.list('default').length === 0).toBe(true);
    await made.until(() => stored(made) === undefined, 'gone');
    expect(made.resources.replicaSets.list('default')).toEqual([]);
    const other = await rolledOut();
    await other.resources.deployments.delete(deployment(), { propagationPolicy: 'Orphan' });
    await other.until(() => stored(other) === undefined, 'gone');
    await other.settle();
    expect(other.resources.replicaSets.list('default').map((rs) => rs.metadata?.ownerReferences)).toEqual([undefined]);
  });
});

describe('a namespace', () => {
  it('takes its content along when it is deleted', async () => {
    const made = await booted();
    await made.resources.namespaces.create({ metadata: { name: 'shop' } });
    await made.until(() => made.resources.serviceAccounts.find('shop', 'default') !== undefined, 'account');
    await made.resources.pods.create({ ...pod('web'), metadata: { name: 'web', namespace: 'shop' } });
    await made.until(() => made.unitDirectory.owners.size === 1, 'units');
    await made.resources.namespaces.delete({ metadata: { name: 'shop' } });
    await made.until(() => made.resources.namespaces.find('', 'shop') === undefined, 'gone');
    expect(made.resources.pods.list('shop')).toEqual([]);
    expect(made.unitDirectory.owners.size).toBe(0);
  });
});

describe('many pods', () => {
  it('are one daemon-reload', async () => {
    const made = await booted();
    const names = Array.from({ length: 20 }, (_, i) => `web-${i}`);
    await Promise.all(names.map((name) => made.resources.pods.create(pod(name))));
    await made.until(() => names.every((name) => isReady(made, name)), 'all are ready', 0.1);
    const addresses = new Set(made.resources.pods.list().map((p) => p.status?.podIP));
    expect(addresses.size).toBe(20);
    expect(made.serviceManager.calls.filter((call) => call === 'reload').length).toBeLessThanOrEqual(3);
  });
});

describe('a running pod', () => {
  it('whose image is changed has that container restarted', async () => {
    const made = await booted();
    const web = await made.resources.pods.create(pod('web'));
    await made.until(() => isReady(made, 'web'), 'web is ready');
    const status = () => find(made, 'web')?.status?.containerStatuses?.[0];
    await made.until(() => status()?.containerID !== undefined, 'its container is known');
    const before = status()?.containerID;
    made.clock.advance(20_000);
    await made.resources.pods.modify(web, (p) => ({
      ...p,
      spec: p.spec && { ...p.spec, containers: p.spec.containers.map((c) => ({ ...c, image: 'localhost/hello:2' })) },
    }));
    await made.until(() => status()?.containerID !== before && isReady(made, 'web'), 'restarted');
    expect(status()?.restartCount).toBe(1);
    expect(messages(made, 'web')).toContain('Normal Killing: Container app definition changed, will be restarted');
  });
});

it('a Job counts the pod that ran for it on the machine, and lets it go', async () => {
  const made = await booted();
  const template = { spec: { ...pod('').spec, restartPolicy: 'Never' } } as NonNullable<Job['spec']>['template'];
  await made.resources.jobs.create({ metadata: metadata('once'), spec: { template } });
  const [found] = await untilPods(made, 1);
  await made.until(() => find(made, nameOf(found ?? {}))?.status?.phase === 'Running', 'the pod runs');
  made.serviceManager.exit(podUnitNames(found ?? {}).containers[0]?.service ?? '', { status: 0 });
  const status = () => made.resources.jobs.find('default', 'once')?.status;
  await made.until(() => status()?.conditions?.some((c) => c.type === 'Complete') ?? false, 'the Job is complete');
  expect(status()).toMatchObject({ succeeded: 1, terminating: 0 });
  await made.resources.jobs.delete({ metadata: metadata('once') });
  await made.until(() => made.resources.pods.list('default').length === 0, 'the pod goes with its Job');
});

async function untilPods(made: FakeHouse, count: number): Promise<readonly Pod[]> {
  await made.until(() => made.resources.pods.list('default').length === count, `${count} pods`);
  return made.resources.pods.list('default');
}
