import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { box, eventually, kubectl } from './harness.ts';
import { shellPod } from './manifests.ts';
import { apply, getObject, isReady, remove, run, untilPod } from './pods.ts';

const IMAGE = 'localhost:5000/busybox:latest';
/** On the host: what containers wrote there can be read when they have gone. */
const LOG = '/var/lib/e2e-lifecycle';
const logVolume = { volumes: [{ name: 'log', hostPath: { path: LOG, type: 'DirectoryOrCreate' } }] };
const shell = (name: string, script: string, more: object = {}) => ({
  name,
  image: IMAGE,
  command: ['sh', '-c', script],
  volumeMounts: [{ name: 'log', mountPath: '/log' }],
  ...more,
});
/** Runs until it is told to end, and says so. */
const faithful = (name: string): string =>
  `trap "echo ${name} ends >> /log/${name}; exit 0" TERM; while :; do sleep 1 & wait $!; done`;
const exec = (script: string) => ({ exec: { command: ['sh', '-c', script] } });

const hooked = shellPod('hooked', '', {
  ...logVolume,
  terminationGracePeriodSeconds: 20,
  containers: [
    shell('main', `echo started >> /log/hooked; ${faithful('hooked')}`, {
      lifecycle: {
        postStart: exec('sleep 1; echo "post start" >> /log/hooked'),
        preStop: exec('echo "pre stop" >> /log/hooked; sleep 1; echo "pre stop done" >> /log/hooked'),
      },
    }),
    shell('second', 'cat /log/hooked > /log/seen-by-second; trap exit TERM; while :; do sleep 1 & wait $!; done'),
  ],
});

const sided = shellPod('sided', '', {
  ...logVolume,
  initContainers: [
    shell('first', `sleep 0; ${faithful('sided')}`.replaceAll('sided ends', 'first ends'), { restartPolicy: 'Always' }),
    shell('last', faithful('sided').replaceAll('sided ends', 'last ends'), { restartPolicy: 'Always' }),
  ],
  containers: [shell('main', faithful('sided').replaceAll('sided ends', 'main ends'))],
});

const talkative = shellPod('talkative', '', {
  containers: [
    { name: 'file', image: IMAGE, command: ['sh', '-c', 'echo "why: ü" > /dev/termination-log; exit 3'] },
    {
      name: 'logs',
      image: IMAGE,
      command: ['sh', '-c', 'echo last words; exit 4'],
      terminationMessagePolicy: 'FallbackToLogsOnError',
    },
    { name: 'nothing', image: IMAGE, command: ['nosuch'] },
  ],
});

const ruled = shellPod('ruled', '', {
  ...logVolume,
  restartPolicy: 'Never',
  containers: [
    shell('main', 'echo run >> /log/ruled; [ "$(wc -l < /log/ruled)" -gt 1 ] || exit 42; exit 0', {
      restartPolicy: 'Never',
      restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [42] } }],
    }),
  ],
});

const OTHER_RAN = 'until grep -q other /log/ruled-all; do sleep 0.2; done';
const ruledAll = shellPod('ruled-all', '', {
  ...logVolume,
  restartPolicy: 'Never',
  terminationGracePeriodSeconds: 1,
  initContainers: [shell('init', 'echo init >> /log/ruled-all')],
  containers: [
    shell('other', 'echo other >> /log/ruled-all; [ "$(grep -c other /log/ruled-all)" -gt 1 ] || exec sleep 1000'),
    shell('main', `${OTHER_RAN}; [ "$(grep -c init /log/ruled-all)" -gt 1 ] || exit 88; exit 0`, {
      restartPolicy: 'Never',
      restartPolicyRules: [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [88] } }],
    }),
  ],
});

const done = shellPod('done', '', {
  ...logVolume,
  restartPolicy: 'Never',
  terminationGracePeriodSeconds: 1,
  initContainers: [shell('side', 'exec sleep 1000', { restartPolicy: 'Always', volumeMounts: [] })],
  containers: [shell('main', 'until [ -e /log/enough ]; do sleep 0.2; done')],
});

beforeAll(async () => {
  for (const manifest of [hooked, sided, talkative, ruled, ruledAll]) await apply(manifest);
});

afterAll(async () => {
  await box.exec(['systemctl', 'start', 'quadshift.socket', 'quadshift.service']);
  await remove(
    'pod',
    'hooked',
    'sided',
    'talkative',
    'ruled',
    'ruled-all',
    'done',
    'timed',
    'inspected',
    'forbidden',
    'almighty',
    '--grace-period=1',
  );
  await box.exec(['rm', '-rf', LOG]);
});

const logged = async (name: string): Promise<string> => (await box.exec(['cat', `${LOG}/${name}`])).stdout;

describe('hooks', () => {
  it('run after the start and before the stop, and hold up what comes after them', async () => {
    await untilPod('hooked', isReady, 'ready');
    const seen = async () => (await logged('seen-by-second')).split('\n').sort();
    await eventually(async () => expect(await seen()).toEqual(['', 'post start', 'started']), {
      what: 'the second to have looked',
    });
    await remove('pod', 'hooked');
    expect((await logged('hooked')).trim().split('\n').slice(-3)).toEqual(['pre stop', 'pre stop done', 'hooked ends']);
  });

  it('leave sidecars for last, in the opposite order of their start', async () => {
    await untilPod('sided', isReady, 'ready');
    await remove('pod', 'sided', '--grace-period=10');
    expect(await logged('sided')).toBe('main ends\nlast ends\nfirst ends\n');
  });
});

describe('an end', () => {
  const endOf = async (container: string) => {
    const pod = await untilPod(
      'talkative',
      (p) =>
        p.status?.containerStatuses?.every(({ lastState, state }) => lastState?.terminated ?? state?.terminated) ===
        true,
      'every container has ended',
    );
    const status = pod.status?.containerStatuses?.find(({ name }) => name === container);
    return status?.state?.terminated ?? status?.lastState?.terminated;
  };

  it('has a message from the file or the log, and a reason of its own when nothing could be started', async () => {
    expect(await endOf('file')).toMatchObject({ exitCode: 3, reason: 'Error', message: 'why: ü\n' });
    expect(await endOf('logs')).toMatchObject({ exitCode: 4, reason: 'Error', message: 'last words\n' });
    expect(await endOf('nothing')).toMatchObject({
      exitCode: 128,
      reason: 'StartError',
      message: expect.stringContaining('nosuch'),
    });
  });

  it('is followed by another start when a rule says so', async () => {
    const pod = await untilPod('ruled', (p) => p.status?.phase === 'Succeeded', 'Succeeded');
    expect(pod.status?.containerStatuses?.[0]?.restartCount).toBe(1);
    expect(await logged('ruled')).toBe('run\nrun\n');
  });

  it('restarts all containers of the pod when a rule says so, init containers too', async () => {
    const pod = await untilPod('ruled-all', (p) => p.status?.phase === 'Succeeded', 'Succeeded');
    expect(
      (await logged('ruled-all'))
        .split('\n')
        .filter((line) => line !== '')
        .sort(),
    ).toEqual([...['init', 'init', 'other', 'other']]);
    expect(pod.status?.containerStatuses?.map(({ restartCount }) => restartCount)).toEqual([1, 1]);
  });
});

describe('a pod that may run for some seconds', () => {
  it('is ended without the API server, which says so later', async () => {
    await apply(done);
    await untilPod('done', isReady, 'ready');
    await apply(shellPod('timed', 'sleep 1000', { activeDeadlineSeconds: 10 }));
    await untilPod('timed', isReady, 'ready');
    await box.exec(['systemctl', 'stop', 'quadshift.service', 'quadshift.socket']);
    await box.must(['touch', `${LOG}/enough`]);
    await eventually(
      async () => {
        const { stdout } = await box.exec(['podman', 'ps', '--format={{.Names}}']);
        expect(stdout).not.toContain('timed');
        // Its sidecar has gone with it, and what holds the network.
        expect(stdout).not.toContain('qs-default_done');
      },
      { what: 'the pods have been stopped' },
    );
    await box.exec(['systemctl', 'start', 'quadshift.socket', 'quadshift.service']);
    const pod = await untilPod('timed', (p) => p.status?.phase === 'Failed', 'Failed');
    expect(pod.status).toMatchObject({
      reason: 'DeadlineExceeded',
      message: 'Pod was active on the node longer than the specified deadline',
    });
    const completed = await untilPod('done', (p) => p.status?.phase === 'Succeeded', 'Succeeded');
    expect(completed.status?.initContainerStatuses?.[0]?.state?.terminated).toBeDefined();
  });
});

describe('inside of a container', () => {
  beforeAll(async () => {
    const profile = JSON.stringify({
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO' }],
    });
    const folder = '/var/lib/quadshift/seccomp';
    await box.must(['sh', '-c', `mkdir -p ${folder}; printf %s "$1" > ${folder}/no-folders.json`, 'sh', profile]);
    await apply(
      shellPod('inspected', 'trap exit TERM; while :; do sleep 1 & wait $!; done', {
        hostname: 'front',
        subdomain: 'web',
        hostUsers: false,
        shareProcessNamespace: true,
        hostAliases: [{ ip: '192.0.2.1', hostnames: ['db.example', 'db'] }],
        securityContext: {
          sysctls: [{ name: 'net.ipv4.ip_unprivileged_port_start', value: '80' }],
          seccompProfile: { type: 'Localhost', localhostProfile: 'no-folders.json' },
        },
      }),
    );
    await untilPod('inspected', isReady, 'ready');
  });

  const inside = async (script: string): Promise<string> => {
    // kubectl's own complaints (1.32 may miss the first, empty message of a stream) are none of the container's.
    const { stdout } = await kubectl(['exec', 'inspected', '--', 'sh', '-c', `{ ${script}; } 2>&1`]);
    return stdout;
  };

  it('are its names, its namespaces and its confinement', async () => {
    const hosts = await inside('cat /etc/hosts');
    expect(hosts).toMatch(/^# Kubernetes-managed hosts file\.\n127\.0\.0\.1\tlocalhost\n/);
    expect(hosts).toMatch(/\n10\.42\.\d+\.\d+\tfront\.web\.default\.svc\.cluster\.local\tfront\n/);
    expect(hosts).toContain('# Entries added by HostAliases.\n192.0.2.1\tdb.example\tdb\n');
    expect(await inside('hostname')).toBe('front\n');
    expect(await inside('cat /proc/self/uid_map')).toMatch(/^ +0 +[1-9]\d+ +65536\n$/);
    expect(await inside('cat /proc/sys/net/ipv4/ip_unprivileged_port_start')).toBe('80\n');
    expect(await inside('ps')).toMatch(/catatonit|pause/);
    expect(await inside('mkdir /tmp/x')).toContain('Operation not permitted');
  });

  it('a privileged one has probes with its own capabilities, more than our service for probes needs', async () => {
    const container = shell('main', 'trap exit TERM; while :; do sleep 1 & wait $!; done', {
      securityContext: { privileged: true },
      readinessProbe: {
        ...exec('[ "$(grep CapEff /proc/self/status)" = "$(grep CapEff /proc/1/status)" ]'),
        periodSeconds: 1,
      },
    });
    await apply(shellPod('almighty', '', { ...logVolume, containers: [container] }));
    await untilPod('almighty', isReady, 'ready');
  });

  it('an ephemeral one sees the processes of another, and ends for good', async () => {
    await run(
      'debug',
      'inspected',
      `--image=${IMAGE}`,
      '--container=debugger',
      '--',
      'sh',
      '-c',
      'hostname; ps; exit 7',
    );
    const pod = await untilPod(
      'inspected',
      (p) => p.status?.ephemeralContainerStatuses?.[0]?.state?.terminated !== undefined,
      'the ephemeral container has ended',
    );
    expect(pod.status?.ephemeralContainerStatuses?.[0]).toMatchObject({
      name: 'debugger',
      ready: false,
      restartCount: 0,
      state: { terminated: { exitCode: 7, reason: 'Error' } },
    });
    expect(isReady(pod)).toBe(true);
    const log = await run('logs', 'inspected', '--container=debugger');
    expect(log).toMatch(/^front\n/);
    expect(log).toContain('sleep 1');
  });

  it('no sysctl is set that is not safe', async () => {
    const sysctls = [{ name: 'kernel.msgmax', value: '65536' }];
    await apply(shellPod('forbidden', 'sleep 1000', { securityContext: { sysctls } }));
    const pod = await untilPod('forbidden', (p) => p.status?.phase === 'Failed', 'Failed');
    expect(pod.status).toMatchObject({
      reason: 'SysctlForbidden',
      message: 'Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted',
    });
    const events = await getObject<{ items: { reason: string }[] }>(
      'events',
      '--field-selector=involvedObject.name=forbidden',
    );
    expect(events.items.map(({ reason }) => reason)).toContain('SysctlForbidden');
  });
});
