import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event } from '../src/kinds/types.ts';
import { box, eventually } from './harness.ts';
import { shellPod } from './manifests.ts';
import { apply, getObject, isReady, remove, run, untilPod } from './pods.ts';
import { NODE, PROBED_SERVER, type ServerRequest } from './probed-server.ts';

const IMAGE = 'localhost:5000/busybox:latest';
const FOREVER = 'trap exit TERM; while :; do sleep 1 & wait $!; done';
/** On the host: the server's programme, key and log, and what it shall not be well with. */
const FOLDER = '/var/lib/e2e-probes';
const SECOND = { periodSeconds: 1, failureThreshold: 1 };

const shell = (name: string, script: string, more: object = {}) => ({
  name,
  image: IMAGE,
  command: ['sh', '-c', script],
  ...more,
});

const served = shellPod('served', '', {
  volumes: [{ name: 'host', hostPath: { path: '/' } }],
  containers: [
    shell('main', `exec chroot /host ${NODE} ${FOLDER}/server.cjs ${FOLDER}`, {
      volumeMounts: [{ name: 'host', mountPath: '/host' }],
      ports: [
        { name: 'web', containerPort: 8080 },
        { name: 'secure', containerPort: 8443 },
      ],
      startupProbe: {
        httpGet: {
          path: '/start?a=b',
          port: 'web',
          httpHeaders: [
            { name: 'X-Probe', value: 'begins' },
            { name: 'Host', value: 'other.example' },
          ],
        },
        periodSeconds: 1,
        failureThreshold: 600,
      },
      readinessProbe: { httpGet: { path: '/ready', port: 'secure', scheme: 'HTTPS' }, ...SECOND },
      livenessProbe: { tcpSocket: { port: 'web' }, periodSeconds: 1, timeoutSeconds: 30 },
    }),
    shell('asked', FOREVER, {
      readinessProbe: { grpc: { port: 9090, service: 'part' }, ...SECOND },
      livenessProbe: { grpc: { port: 9090 }, periodSeconds: 1, timeoutSeconds: 30 },
    }),
  ],
});

/** Neither takes a hint: what ends it is KILL, after the probe's own time, as the pod's would be ten minutes. */
const stubborn = shellPod('stubborn', '', {
  terminationGracePeriodSeconds: 600,
  containers: [
    shell('main', "trap '' TERM; while :; do sleep 1; done", {
      livenessProbe: {
        exec: { command: ['sh', '-c', 'echo is dead; test ! -e /tmp/dead'] },
        ...SECOND,
        timeoutSeconds: 30,
        terminationGracePeriodSeconds: 1,
      },
    }),
    shell('slow', FOREVER, { readinessProbe: { exec: { command: ['sleep', '600'] }, ...SECOND, timeoutSeconds: 1 } }),
  ],
});

const fails = (what: string) => box.must(['touch', `${FOLDER}/fail-${what}`]);
const isWell = (what: string) => box.must(['rm', `${FOLDER}/fail-${what}`]);

async function requests(): Promise<readonly ServerRequest[]> {
  const lines = (await box.exec(['cat', `${FOLDER}/log`])).stdout.trim().split('\n');
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as ServerRequest);
}

async function untilEvent(pod: string, message: RegExp): Promise<void> {
  await eventually(
    async () => {
      const { items } = await getObject<{ items: Event[] }>(
        'events',
        `--field-selector=involvedObject.name=${pod},reason=Unhealthy`,
      );
      const messages = items.map((event) => event.message ?? '');
      if (!messages.some((one) => message.test(one))) throw new Error(messages.join('\n'));
    },
    { what: `an event like ${message}` },
  );
}

beforeAll(async () => {
  await box.must(['sh', '-c', `rm -rf ${FOLDER}; mkdir ${FOLDER}; touch ${FOLDER}/fail-start`]);
  await box.must(['sh', '-c', `cat > ${FOLDER}/server.cjs`], { input: PROBED_SERVER });
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${FOLDER}/key.pem`];
  await box.must(['openssl', 'req', '-x509', ...key, '-out', `${FOLDER}/cert.pem`, '-subj', '/CN=nobody']);
  await apply(served);
  await apply(stubborn);
});

afterAll(async () => {
  await remove('pod', 'served', 'stubborn', 'hooked', '--grace-period=1');
  await box.exec(['rm', '-rf', FOLDER]);
});

describe('probes', () => {
  it('begin with the startup probe, which holds up the others and sends the headers that it was given', async () => {
    await untilEvent('served', /^Startup probe failed: HTTP probe failed with statuscode: 503$/);
    const pod = await untilPod('served', (p) => p.status?.phase === 'Running', 'running');
    expect(pod.status?.containerStatuses?.find(({ name }) => name === 'main')).toMatchObject({
      ready: false,
      started: false,
    });
    const before = await requests();
    expect(new Set(before.map(({ url }) => url))).toEqual(new Set(['/start?a=b']));
    expect(before[0]).toMatchObject({
      method: 'GET',
      headers: { 'x-probe': 'begins', host: 'other.example', 'user-agent': expect.stringMatching(/^kube-probe\/1\./) },
    });
    await isWell('start');
    await untilPod('served', isReady, 'ready');
    expect((await requests()).find(({ url }) => url === '/ready')).toMatchObject({ isEncrypted: true });
  });

  it('over HTTPS take a pod out and in again', async () => {
    await fails('ready');
    await untilPod('served', (p) => !isReady(p), 'not ready');
    await untilEvent('served', /^Readiness probe failed: HTTP probe failed with statuscode: 503$/);
    await isWell('ready');
    await untilPod('served', isReady, 'ready again');
  });

  it('over gRPC ask for the service that they name', async () => {
    await fails('part');
    await untilEvent('served', /^Readiness probe failed: service unhealthy \(responded with "NOT_SERVING"\)$/);
    const pod = await untilPod('served', (p) => !isReady(p), 'not ready');
    expect(pod.status?.containerStatuses?.map(({ restartCount }) => restartCount)).toEqual([0, 0]);
    await isWell('part');
    await untilPod('served', isReady, 'ready again');
  });

  it('that find a container dead grant it their own time to end', async () => {
    await run('exec', 'stubborn', '--container=main', '--', 'touch', '/tmp/dead');
    const pod = await untilPod(
      'stubborn',
      (p) => p.status?.containerStatuses?.some(({ restartCount }) => restartCount >= 1) === true,
      'restarted',
    );
    const main = pod.status?.containerStatuses?.find(({ name }) => name === 'main');
    expect(main?.lastState?.terminated).toMatchObject({ exitCode: 137, reason: 'Error' });
    await untilEvent('stubborn', /^Liveness probe failed: is dead\n$/);
  });

  it('that run commands give up when their time is over', async () => {
    await untilEvent('stubborn', /^Readiness probe failed: command timed out: "sleep 600"/);
  });
});

describe('hooks', () => {
  it('ask over HTTP, and sleep', async () => {
    const host = (await untilPod('served', isReady, 'ready')).status?.podIP;
    const ask = (path: string) => ({
      httpGet: { host, port: 8080, path, httpHeaders: [{ name: 'X-Hook', value: 'a b' }] },
    });
    const hooked = shellPod('hooked', '', {
      terminationGracePeriodSeconds: 20,
      volumes: [{ name: 'log', hostPath: { path: FOLDER } }],
      containers: [
        shell('main', FOREVER, { lifecycle: { postStart: ask('/post-start'), preStop: ask('/pre-stop') } }),
        shell('sleeper', 'trap "date +%s > /log/ended; exit" TERM; while :; do sleep 1 & wait $!; done', {
          lifecycle: { preStop: { sleep: { seconds: 2 } } },
          volumeMounts: [{ name: 'log', mountPath: '/log' }],
        }),
      ],
    });
    await apply(hooked);
    await untilPod('hooked', isReady, 'ready');
    const hooks = async () => (await requests()).filter(({ headers }) => headers['x-hook'] === 'a b');
    expect(await hooks()).toMatchObject([{ url: '/post-start', headers: { 'user-agent': 'kube-lifecycle/1.36' } }]);
    const asked = Number(await box.must(['date', '+%s']));
    await remove('pod', 'hooked');
    expect((await hooks()).map(({ url }) => url)).toEqual(['/post-start', '/pre-stop']);
    expect(Number(await box.must(['cat', `${FOLDER}/ended`]))).toBeGreaterThanOrEqual(asked + 2);
  });
});
