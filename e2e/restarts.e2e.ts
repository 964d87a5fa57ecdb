import { afterAll, describe, expect, it } from 'vitest';
import type { Event, Pod } from '../src/kinds/types.ts';
import { box, eventually, kubectl } from './harness.ts';
import { httpReadiness, shellPod, webDeployment } from './manifests.ts';
import { apply, getObject, isReady, podsOf, remove, run, untilPod, untilRolledOut } from './pods.ts';

afterAll(async () => {
  await remove('deployment', 'killed', 'unlively');
  await remove('pod', 'crasher', 'finisher', 'ordered', 'namesake', 'paused', '--grace-period=1');
});

/** Events of a pod's containers being made and started: how often each was told. */
async function starts(uid: string): Promise<readonly string[]> {
  const { items } = await getObject<{ items: Event[] }>('events', `--field-selector=involvedObject.uid=${uid}`);
  const told = items.filter(({ reason }) => reason === 'Created' || reason === 'Started');
  return told.map(({ reason, count }) => `${reason} ${count ?? 1}`).sort();
}

describe('restarts', () => {
  it('restarts a container whose process is killed and counts it', async () => {
    await apply(webDeployment({ name: 'killed', sidecar: true }));
    await untilRolledOut('killed');
    const name = (await podsOf('killed'))[0]?.metadata?.name ?? '';
    const helper = (await untilPod(name, isReady, 'ready')).status?.containerStatuses?.find((c) => c.name === 'helper');
    await box.exec([
      'sh',
      '-c',
      `podman kill --signal KILL $(podman ps -q --filter label=io.kubernetes.pod.name=${name} --filter label=io.kubernetes.container.name=web)`,
    ]);
    const pod = await untilPod(
      name,
      (p) => isReady(p) && p.status?.containerStatuses?.find((c) => c.name === 'web')?.restartCount === 1,
      'restarted once and ready',
    );
    const web = pod.status?.containerStatuses?.find((c) => c.name === 'web');
    expect(web?.lastState?.terminated).toMatchObject({ exitCode: 137, reason: 'Error' });
    const after = pod.status?.containerStatuses?.find((c) => c.name === 'helper');
    expect(after).toMatchObject({ restartCount: 0, containerID: helper?.containerID });
  });

  it('backs off a crashing container as the kubelet does', async () => {
    await apply(shellPod('crasher', 'echo about to fail; exit 3'));
    const pod = await untilPod(
      'crasher',
      (p) =>
        p.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff' &&
        (p.status.containerStatuses[0].restartCount ?? 0) >= 1,
      'CrashLoopBackOff',
      90_000,
    );
    expect(pod.status?.phase).toBe('Running');
    const status = pod.status?.containerStatuses?.[0];
    expect(status?.state?.waiting?.message).toMatch(
      /^back-off [124]0s restarting failed container=main pod=crasher_default\(/,
    );
    expect(status?.lastState?.terminated).toMatchObject({ exitCode: 3, reason: 'Error' });
    const row = () => run('get', 'pod', 'crasher', '--no-headers');
    // It may run anew in between.
    await eventually(async () => expect(await row()).toMatch(/0\/1 +CrashLoopBackOff +\d+ \(\d+s ago\)/), {
      what: 'its row',
    });
    expect(await run('logs', 'crasher', '--previous')).toContain('about to fail');
  });

  it('ends the pause when somebody else starts the pod, and forgets it', async () => {
    await apply(shellPod('paused', 'exec sleep 1000', { terminationGracePeriodSeconds: 1 }));
    const { metadata } = await untilPod('paused', isReady, 'ready');
    const kill = () => box.must(['podman', 'kill', '--signal', 'KILL', 'qs-default_paused_main']);
    const first = ({ status }: Pod) => status?.containerStatuses?.[0];
    await kill();
    await untilPod('paused', (pod) => isReady(pod) && first(pod)?.restartCount === 1, 'restarted');
    await kill();
    await untilPod('paused', (pod) => first(pod)?.state?.waiting?.reason === 'CrashLoopBackOff', 'in a pause');
    await box.must(['systemctl', 'restart', 'qs-default_paused.service']);
    await untilPod('paused', isReady, 'ready again');
    await kill();
    const backOff = `/var/lib/quadshift/pods/${metadata?.uid}/containers/main/backoff`;
    await eventually(async () => expect((await box.exec(['cat', backOff])).stdout).toBe('0 0\n'), {
      what: 'its first end since',
    });
  });

  it('shows nothing of a pod that had its name before', async () => {
    const namesake = shellPod('namesake', 'exec sleep 1000', { terminationGracePeriodSeconds: 1 });
    for (const _ of ['the first', 'the second']) {
      await remove('pod', 'namesake');
      await apply(namesake);
      await untilPod('namesake', isReady, 'ready');
    }
    const { metadata } = await getObject<Pod>('pod', 'namesake');
    await eventually(async () => expect(await starts(metadata?.uid ?? '')).toEqual(['Created 1', 'Started 1']), {
      what: 'one start',
    });
  });

  it('leaves a pod that completed alone', async () => {
    await apply(shellPod('finisher', 'echo done', { restartPolicy: 'Never' }));
    const pod = await untilPod('finisher', (p) => p.status?.phase === 'Succeeded', 'Succeeded');
    expect(pod.status?.containerStatuses?.[0]).toMatchObject({
      restartCount: 0,
      state: { terminated: { exitCode: 0, reason: 'Completed' } },
    });
    expect(await run('get', 'pod', 'finisher', '--no-headers')).toMatch(/0\/1 +Completed +0/);
    expect(await run('logs', 'finisher')).toBe('done\n');
  });

  it('runs init containers one after the other before the app', async () => {
    const step = (name: string, script: string) => ({
      name,
      image: 'localhost:5000/busybox:latest',
      command: ['sh', '-c', script],
      volumeMounts: [{ name: 'work', mountPath: '/steps' }],
    });
    const spec = {
      volumes: [{ name: 'work', emptyDir: {} }],
      initContainers: [step('first', 'sleep 1; echo first >> /steps/log'), step('second', 'echo second >> /steps/log')],
      containers: [step('main', 'echo main >> /steps/log; cat /steps/log; sleep 1000')],
    };
    await apply(shellPod('ordered', '', spec));
    const pod = await untilPod('ordered', isReady, 'ready');
    expect(pod.status?.initContainerStatuses?.map((c) => c.state?.terminated?.reason)).toEqual([
      'Completed',
      'Completed',
    ]);
    await eventually(async () => expect(await run('logs', 'ordered')).toBe('first\nsecond\nmain\n'), {
      what: 'the steps, in order',
    });
  });

  it('restarts a container whose liveness probe fails, and reports a failing readiness', async () => {
    const liveness = {
      exec: { command: ['test', '!', '-e', '/tmp/dead'] },
      periodSeconds: 1,
      timeoutSeconds: 30,
      failureThreshold: 1,
    };
    await apply(webDeployment({ name: 'unlively', liveness, readiness: { ...httpReadiness, failureThreshold: 1 } }));
    await untilRolledOut('unlively');
    const name = (await podsOf('unlively'))[0]?.metadata?.name ?? '';
    await kubectl(['exec', name, '--', 'touch', '/tmp/dead']);
    const pod = await untilPod(
      name,
      (p) => (p.status?.containerStatuses?.[0]?.restartCount ?? 0) === 1 && isReady(p),
      'restarted by its probe',
      90_000,
    );
    expect(pod.status?.containerStatuses?.[0]?.restartCount).toBe(1);
  });
});
