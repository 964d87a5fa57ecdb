import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { box, eventually, kubectl } from './harness.ts';
import { shellPod, webDeployment } from './manifests.ts';
import { apply, getObject, isReady, podsOf, remove, run, untilPod, untilRolledOut } from './pods.ts';

const counter =
  'until [ -e /data/n ]; do echo 0 > /data/n; done; echo $(($(cat /data/n) + 1)) > /data/n; trap exit TERM; while :; do sleep 1 & wait $!; done';

beforeAll(async () => {
  await box.exec(['rm', '-rf', '/var/lib/e2e-once']);
  await apply(webDeployment({ name: 'lasting', replicas: 2, sidecar: true }));
  await apply(
    // On the host's own disk: a pod's emptyDir goes with it when it has completed.
    shellPod('once', '', {
      restartPolicy: 'Never',
      volumes: [{ name: 'data', hostPath: { path: '/var/lib/e2e-once', type: 'DirectoryOrCreate' } }],
      containers: [
        {
          name: 'main',
          image: 'localhost:5000/busybox:latest',
          command: ['sh', '-c', 'echo x >> /data/log'],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
    }),
  );
  await apply(
    shellPod('counter', '', {
      volumes: [{ name: 'data', emptyDir: {} }],
      containers: [
        {
          name: 'main',
          image: 'localhost:5000/busybox:latest',
          command: ['sh', '-c', counter],
          volumeMounts: [{ name: 'data', mountPath: '/data' }],
        },
      ],
    }),
  );
  await untilRolledOut('lasting');
  await untilPod('counter', isReady, 'ready');
  await untilPod('once', (p) => p.status?.phase === 'Succeeded', 'Succeeded');
  await eventually(async () => expect(await pids()).not.toContain('once'), {
    what: 'what has completed gave its infra container back',
  });
});

afterAll(async () => {
  await box.exec(['systemctl', 'unmask', 'quadshift.service', 'quadshift.socket']);
  await box.exec(['systemctl', 'start', 'quadshift.socket', 'quadshift.service']);
  await remove('deployment', 'lasting');
  await remove('pod', 'once', 'counter', '--grace-period=1');
});

async function pids(): Promise<string> {
  return (
    await box.exec([
      'sh',
      '-c',
      'podman ps --format "{{.Names}} {{.Pid}}" --filter label=io.kubernetes.pod.namespace=default | sort',
    ])
  ).stdout;
}

describe('without the API server', () => {
  it('workloads run on and still restart', async () => {
    const before = await pids();
    await box.exec(['systemctl', 'stop', 'quadshift.service', 'quadshift.socket']);
    expect(await pids()).toBe(before);
    await box.exec([
      'sh',
      '-c',
      'podman kill --signal KILL $(podman ps -q --filter label=io.kubernetes.pod.name=counter --filter label=io.kubernetes.container.name=main)',
    ]);
    await eventually(
      async () =>
        expect((await box.exec(['sh', '-c', 'cat /var/lib/quadshift/pods/*/volumes/*/data/n'])).stdout.trim()).toBe(
          '2',
        ),
      { what: 'systemd restarted the container' },
    );
  });

  it('every pod comes back after a reboot by itself, and what completed stays completed', async () => {
    await box.exec(['systemctl', 'mask', 'quadshift.service', 'quadshift.socket']);
    await box.reboot();
    await eventually(
      async () => {
        expect((await box.exec(['systemctl', 'is-active', 'quadshift.service'])).stdout.trim()).not.toBe('active');
        const running = (
          await box.exec([
            'sh',
            '-c',
            'podman ps --format "{{.Names}}" --filter label=io.kubernetes.pod.namespace=default',
          ])
        ).stdout;
        expect(running.match(/lasting-\S+_(web|helper)$/gm)).toHaveLength(4);
        expect(running).toMatch(/counter_main$/m);
      },
      { timeoutMs: 120_000, what: 'the pods are back' },
    );
    expect((await box.exec(['cat', '/var/lib/e2e-once/log'])).stdout).toBe('x\n');
  });

  it('shows the truth within two seconds of its start', async () => {
    await box.exec(['systemctl', 'unmask', 'quadshift.service', 'quadshift.socket']);
    await box.exec(['systemctl', 'start', 'quadshift.socket', 'quadshift.service']);
    await eventually(
      async () => {
        const pods = await podsOf('lasting');
        expect(pods.filter(isReady)).toHaveLength(2);
        const running = (await box.exec(['podman', 'ps', '--no-trunc', '--format', '{{.ID}}'])).stdout;
        for (const status of pods.flatMap((p) => p.status?.containerStatuses ?? [])) {
          expect(running).toContain(status.containerID?.replace('podman://', ''));
          expect(status.restartCount).toBeGreaterThanOrEqual(1);
        }
      },
      { what: 'the API shows the pods as they are' },
    );
    const once = await getObject<{ status: { phase: string } }>('pod', 'once');
    expect(once.status.phase).toBe('Succeeded');
  });
});

describe('kill -9 in the middle of 50 applies', () => {
  it('loses nothing acknowledged and leaves nothing half-made', async () => {
    const names = Array.from({ length: 50 }, (_, i) => `burst-${i}`);
    const applies = names.map(async (name, i) => {
      const manifest = JSON.stringify({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace: 'default', labels: { burst: 'yes' } },
        data: { i: String(i) },
      });
      const result = await kubectl(['apply', '-f', '-'], { input: manifest });
      return result.code === 0 ? name : undefined;
    });
    const half = Promise.all(applies.slice(0, 25));
    const pod = apply(shellPod('burst-pod', 'sleep 1000')).catch(() => '');
    await half;
    await box.exec(['systemctl', 'kill', '--signal=KILL', 'quadshift.service']);
    const acknowledged = (await Promise.all(applies)).filter((name) => name !== undefined);
    const podApplied = await pod;
    await eventually(async () => expect(await run('get', '--raw', '/readyz')).toBe('ok'), {
      what: 'the server is back',
    });
    const found = await getObject<{ items: { metadata: { name: string } }[] }>('configmaps', '-l', 'burst=yes');
    expect(found.items.map((item) => item.metadata.name)).toEqual(expect.arrayContaining(acknowledged));
    if (podApplied) await untilPod('burst-pod', isReady, 'ready after the crash');
    await remove('configmaps', '-l', 'burst=yes');
    await remove('pod', 'burst-pod', '--grace-period=1');
    const rest = (await box.exec(['sh', '-c', 'ls -A /etc/containers/systemd/quadshift /etc/systemd/system'])).stdout;
    expect(rest).not.toMatch(/burst|\.tmp/);
  });
});
