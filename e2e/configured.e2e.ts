import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Node, Pod } from '../src/kinds/types.ts';
import { inPod } from './clients.ts';
import { box, eventually } from './harness.ts';
import { shellPod } from './manifests.ts';
import { apply, getObject, isReady, remove, run, untilPod } from './pods.ts';

const DROP_IN = '/etc/quadshift/config.d/60-e2e-configured.yaml';
const CDI = '/etc/cdi/e2e.json';
const LOG = '/var/lib/e2e-configured';
const FOREVER = 'trap exit TERM; while :; do sleep 1 & wait $!; done';

/** Devices that every kernel has, under names of their own; no unit of systemd follows them in a box. */
const SETTINGS = {
  devices: {
    'e2e.example/zero': { paths: ['/dev/zero'], count: 1, follow: false },
    'e2e.example/given': { cdi: ['e2e.example/thing=one'], follow: false },
  },
  pods: { allowedUnsafeSysctls: ['net.core.somaxconn', 'kernel.shm*'] },
};
const DEVICE = {
  cdiVersion: '0.6.0',
  kind: 'e2e.example/thing',
  devices: [
    {
      name: 'one',
      containerEdits: { env: ['FROM_CDI=yes'], deviceNodes: [{ path: '/dev/thing', hostPath: '/dev/null' }] },
    },
  ],
};

const container = (limits: object, script = FOREVER) => ({
  name: 'main',
  image: 'localhost:5000/busybox:latest',
  command: ['sh', '-c', script],
  resources: { limits },
});

async function configure(settings: object | undefined): Promise<void> {
  const command = settings === undefined ? 'rm -f "$0"' : 'mkdir -p "$(dirname "$0")"; cat > "$0"';
  await box.must(['sh', '-c', command, DROP_IN], { input: JSON.stringify(settings) });
  await box.must(['systemctl', 'restart', 'quadshift.service']);
}

/** Its network and the resolver are still there. */
const KNOWS_NAMES = 'nslookup -type=a kubernetes.default.svc.cluster.local > /dev/null';

/** Says on the host when it is told to end, if it still has what it needs. */
const ending = (name: string, seconds: number, priorityClassName: object): string =>
  shellPod(name, '', {
    terminationGracePeriodSeconds: 20,
    volumes: [{ name: 'log', hostPath: { path: LOG, type: 'DirectoryOrCreate' } }],
    containers: [
      {
        ...container(
          {},
          `trap "sleep ${seconds}; ${KNOWS_NAMES} && echo ${name} >> /log/ends; exit" TERM; while :; do sleep 1 & wait $!; done`,
        ),
        volumeMounts: [{ name: 'log', mountPath: '/log' }],
      },
    ],
    ...priorityClassName,
  });

beforeAll(async () => {
  await box.must(['sh', '-c', `mkdir -p /etc/cdi; cat > ${CDI}`], { input: JSON.stringify(DEVICE) });
  await configure(SETTINGS);
});

afterAll(async () => {
  await remove('pod', 'first', 'second', 'tuned', 'ordinary', 'critical', '--grace-period=1');
  await box.exec(['rm', '-rf', CDI, LOG]);
  await configure(undefined);
});

describe('devices that the configuration names', () => {
  it('are the node’s to give, and in the containers that ask for them', async () => {
    await eventually(
      async () => {
        const { items } = await getObject<{ items: Node[] }>('nodes');
        expect(items[0]?.status?.allocatable).toMatchObject({ 'e2e.example/zero': '1', 'e2e.example/given': '1' });
      },
      { what: 'the node has them' },
    );
    const both = { 'e2e.example/zero': '1', 'e2e.example/given': '1' };
    await apply(shellPod('first', '', { containers: [container(both)] }));
    await untilPod('first', isReady, 'ready');
    expect(
      await inPod(
        'first',
        'sh',
        '-c',
        'test -c /dev/thing; echo $?; grep -c FROM_CDI=yes /proc/1/environ; stat -c "%t %T" /dev/thing',
      ),
    ).toBe('0\n1\n1 3\n');
    expect(await inPod('first', 'sh', '-c', 'head -c 3 /dev/zero | od -An -tx1')).toBe(' 00 00 00\n');
  });

  it('are given to so many as there are', async () => {
    await apply(shellPod('second', '', { containers: [container({ 'e2e.example/zero': '1' })] }));
    const verdict = ({ status }: Pod) => status?.conditions?.find(({ type }) => type === 'PodScheduled');
    const pod = await untilPod('second', (p) => verdict(p)?.reason === 'Unschedulable', 'waiting');
    expect(verdict(pod)?.message).toMatch(/^0\/1 nodes are available: 1 Insufficient e2e\.example\/zero\./);
    await remove('pod', 'first', '--grace-period=1');
    await untilPod('second', isReady, 'ready');
  });
});

describe('sysctls', () => {
  it('that are not safe are set where the configuration allows them', async () => {
    const sysctls = [
      { name: 'net.core.somaxconn', value: '321' },
      { name: 'kernel.shm_rmid_forced', value: '1' },
      { name: 'kernel/shmmni', value: '123' },
    ];
    await apply(shellPod('tuned', FOREVER, { securityContext: { sysctls } }));
    await untilPod('tuned', isReady, 'ready');
    const files = sysctls.map(({ name }) => `/proc/sys/${name.replaceAll('.', '/')}`);
    expect(await inPod('tuned', 'cat', ...files)).toBe('321\n1\n123\n');
  });
});

describe('a shutdown', () => {
  it('ends critical pods when all others have ended, however long these take', async () => {
    await apply(ending('ordinary', 2, {}));
    await apply(ending('critical', 0, { priorityClassName: 'system-node-critical' }));
    await untilPod('ordinary', isReady, 'ready');
    await untilPod('critical', isReady, 'ready');
    await box.reboot();
    expect(await box.must(['cat', `${LOG}/ends`])).toBe('ordinary\ncritical\n');
    await eventually(async () => expect(await run('get', '--raw', '/readyz')).toBe('ok'), {
      what: 'the server is back',
    });
    await untilPod('critical', (p) => isReady(p) && (p.status?.containerStatuses?.[0]?.restartCount ?? 0) > 0, 'back');
  });
});
