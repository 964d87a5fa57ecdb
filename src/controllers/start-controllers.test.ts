import { describe, expect, it } from 'vitest';
import { podUnitNames } from '../../translators/units/pod-names.ts';
import type { Job, Pod } from '../kinds/types.ts';
import { type BootedHouse, booted, find, isReady, messages, metadata, pod } from './fake-booted-house.ts';
import { nameOf, uidOf } from './meta.ts';

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

async function untilPods(made: BootedHouse, count: number): Promise<readonly Pod[]> {
  await made.until(() => made.resources.pods.list('default').length === count, `${count} pods`);
  return made.resources.pods.list('default');
}
