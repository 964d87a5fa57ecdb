import { createSocket } from 'node:dgram';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Pod } from '../src/kinds/types.ts';
import { box, eventually } from './harness.ts';
import { shellPod } from './manifests.ts';
import { apply, getObject, isReady, remove, run, untilPod } from './pods.ts';
import { NODE } from './probed-server.ts';

const IMAGE = 'localhost:5000/busybox:latest';
const FOREVER = 'trap exit TERM; while :; do sleep 1 & wait $!; done';
const FOLDER = '/var/lib/e2e-containers';

const shell = (name: string, script: string, more: object = {}) => ({
  name,
  image: IMAGE,
  command: ['sh', '-c', script],
  ...more,
});
const field = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });
const resource = (name: string, resourceFieldRef: object) => ({ name, valueFrom: { resourceFieldRef } });
const object = (kind: string, name: string, data: object) =>
  JSON.stringify({ apiVersion: 'v1', kind, metadata: { name, namespace: 'default' }, ...data });

/** What the API server fills in where nothing is said of pulling. */
const PULLED = [
  { name: 'tagged', image: 'localhost:5000/hello:v1' },
  { name: 'latest', image: 'localhost:5000/busybox' },
];

const told = {
  serviceAccountName: 'default',
  containers: [
    shell('main', FOREVER, {
      resources: { requests: { cpu: '250m', memory: '8Mi' }, limits: { cpu: '1500m', memory: '64Mi' } },
      envFrom: [
        { prefix: 'CM_', configMapRef: { name: 'told' } },
        { prefix: 'S_', secretRef: { name: 'told' } },
        { configMapRef: { name: 'nobody', optional: true } },
        { secretRef: { name: 'nobody', optional: true } },
      ],
      env: [
        ...[field('NAME', 'metadata.name'), field('NAMESPACE', 'metadata.namespace'), field('UID', 'metadata.uid')],
        ...[field('LABEL', "metadata.labels['app']"), field('ANNOTATION', "metadata.annotations['e2e/a-b']")],
        ...[field('NODE', 'spec.nodeName'), field('ACCOUNT', 'spec.serviceAccountName')],
        ...[field('HOST_IP', 'status.hostIP'), field('POD_IP', 'status.podIP'), field('POD_IPS', 'status.podIPs')],
        resource('CPU_LIMIT', { resource: 'limits.cpu', divisor: '1m' }),
        resource('CPU_CEILING', { resource: 'limits.cpu' }),
        resource('MEMORY', { resource: 'requests.memory', divisor: '1Mi' }),
        resource('OTHERS', { containerName: 'terminal', resource: 'limits.memory' }),
        { name: 'ABSENT', valueFrom: { configMapKeyRef: { name: 'told', key: 'nobody', optional: true } } },
        { name: 'ABSENT_TOO', valueFrom: { secretKeyRef: { name: 'nobody', key: 'x', optional: true } } },
        { name: 'CM_own', value: 'wins over envFrom' },
        { name: 'COMPOSED', value: '$(NAME)-$(CM_text)/$(S_text)' },
      ],
    }),
    shell('terminal', `[ -t 0 ] && [ -t 1 ] && echo is a terminal; ${FOREVER}`, { stdin: true, tty: true }),
  ],
};

const lacking = {
  containers: [
    shell('main', FOREVER, { env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'later', key: 'a' } } }] }),
  ],
};

/** Sends datagrams back: busybox has nobody who does. */
const ECHO =
  "const s = require('node:dgram').createSocket('udp4'); s.on('message', (m, from) => s.send(m, from.port, from.address)); s.bind(53)";

/** Ports of the pod that the host has, too. */
const ported = {
  volumes: [{ name: 'host', hostPath: { path: '/' } }],
  containers: [
    shell('main', `mkdir /www; echo here > /www/index.html; exec httpd -f -p 80 -h /www`, {
      ports: [
        { containerPort: 80, hostPort: 18080 },
        { containerPort: 80, hostPort: 18081, hostIP: '127.0.0.1' },
      ],
    }),
    shell('datagrams', `exec chroot /host ${NODE} -e "${ECHO}"`, {
      volumeMounts: [{ name: 'host', mountPath: '/host' }],
      ports: [{ containerPort: 53, hostPort: 18053, protocol: 'UDP' }],
    }),
  ],
};

const ended = {
  ...{ restartPolicy: 'Never', os: { name: 'linux' } },
  volumes: [{ name: 'log', hostPath: { path: FOLDER, type: 'DirectoryOrCreate' } }],
  containers: [
    shell('message', 'echo all is well > /tmp/why', { terminationMessagePath: '/tmp/why' }),
    shell(
      'signal',
      "trap 'echo USR1 > /log/signal; exit 0' USR1; echo armed > /log/signal; while :; do sleep 1 & wait $!; done",
      {
        lifecycle: { stopSignal: 'SIGUSR1' },
        volumeMounts: [{ name: 'log', mountPath: '/log' }],
      },
    ),
  ],
};

/** What a port of the box sends back, over UDP. */
async function echoOf(text: string, port: number): Promise<string> {
  const address = await box.address();
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = createSocket('udp4');
  const timer = setTimeout(() => reject(new Error('no answer')), 2000);
  socket.once('message', (message) => resolve(message.toString()));
  socket.send(text, port, address);
  return promise.finally(() => {
    clearTimeout(timer);
    socket.close();
  });
}

async function environmentOf(pod: string, container: string): Promise<readonly string[]> {
  return (await run('exec', pod, `--container=${container}`, '--', 'cat', '/proc/1/environ')).split('\0');
}

const annotated = (name: string, spec: object): string => {
  const pod = JSON.parse(shellPod(name, '', spec));
  return JSON.stringify({ ...pod, metadata: { ...pod.metadata, annotations: { 'e2e/a-b': 'given' } } });
};

beforeAll(async () => {
  await apply(object('ConfigMap', 'told', { data: { text: 'map', own: 'lost' } }));
  await apply(object('Secret', 'told', { stringData: { text: 'secret' } }));
  await apply(annotated('told', told));
  await apply(shellPod('lacking', '', lacking));
  await apply(shellPod('ported', '', ported));
  await apply(shellPod('ended', '', ended));
});

afterAll(async () => {
  await remove('pod', 'told', 'lacking', 'ported', 'ended', 'pulled', '--grace-period=1');
  await remove('configmap,secret', 'told', 'later');
  await box.exec(['rm', '-rf', FOLDER]);
});

describe('variables', () => {
  it('tell of the pod, its resources and what it refers to', async () => {
    const pod = await untilPod('told', isReady, 'ready');
    const { metadata, spec, status } = pod;
    const environment = await environmentOf('told', 'main');
    const expected = {
      ...{ NAME: 'told', NAMESPACE: 'default', UID: metadata?.uid, LABEL: 'told', ANNOTATION: 'given' },
      ...{ NODE: spec?.nodeName, ACCOUNT: 'default', HOST_IP: status?.hostIP, POD_IP: status?.podIP },
      ...{ POD_IPS: status?.podIP, CPU_LIMIT: '1500', CPU_CEILING: '2', MEMORY: '8' },
      ...{ CM_text: 'map', S_text: 'secret', CM_own: 'wins over envFrom', COMPOSED: 'told-map/secret' },
    };
    for (const [name, value] of Object.entries(expected)) expect(environment).toContain(`${name}=${value}`);
    expect(environment.filter((one) => one.startsWith('ABSENT') || one === 'CM_own=lost')).toEqual([]);
    // A container without a limit may use what the node has.
    const { status: node } = await getObject<{ status: { allocatable: { memory: string } } }>(
      'node',
      spec?.nodeName ?? '',
    );
    const [bytes, unit] = [
      Number.parseInt(node.allocatable.memory, 10),
      node.allocatable.memory.endsWith('Ki') ? 1024 : 1,
    ];
    expect(environment).toContain(`OTHERS=${bytes * unit}`);
  });

  it('that refer to what is not there keep the container from starting, until it is', async () => {
    const pod = await untilPod(
      'lacking',
      (p) => p.status?.containerStatuses?.[0]?.state?.waiting?.reason === 'CreateContainerConfigError',
      'CreateContainerConfigError',
    );
    expect(pod.status?.containerStatuses?.[0]?.state?.waiting?.message).toBe('configmap "later" not found');
    await apply(object('ConfigMap', 'later', { data: { a: 'b' } }));
    await untilPod('lacking', isReady, 'ready');
    expect(await environmentOf('lacking', 'main')).toContain('A=b');
  });
});

describe('a container', () => {
  it('has a terminal when it asks for one', async () => {
    await untilPod('told', isReady, 'ready');
    const log = () => run('logs', 'told', '--container=terminal');
    await eventually(async () => expect(await log()).toMatch(/^is a terminal\r?\n/), { what: 'its word' });
  });

  it('leaves a message where it said it would, also when all went well', async () => {
    const pod = await untilPod(
      'ended',
      (p) => p.status?.containerStatuses?.some(({ state }) => state?.terminated !== undefined) === true,
      'the first has ended',
    );
    expect(pod.status?.containerStatuses?.find(({ name }) => name === 'message')?.state?.terminated).toMatchObject({
      ...{ exitCode: 0, reason: 'Completed', message: 'all is well\n' },
    });
  });

  it('is told to end by the signal that it wants', async () => {
    await untilPod(
      'ended',
      (p) => p.status?.containerStatuses?.some(({ state }) => state?.running !== undefined) === true,
      'the second runs',
    );
    const signal = () => box.must(['cat', `${FOLDER}/signal`]);
    await eventually(async () => expect(await signal()).toBe('armed\n'), { what: 'it listens to signals' });
    await remove('pod', 'ended');
    expect(await signal()).toBe('USR1\n');
  });

  it('is pulled as its tag suggests', async () => {
    const pod = await apply(shellPod('pulled', '', { containers: PULLED }), '--dry-run=server', '-o', 'json');
    expect((JSON.parse(pod) as Pod).spec?.containers.map(({ imagePullPolicy }) => imagePullPolicy)).toEqual([
      'IfNotPresent',
      'Always',
    ]);
  });
});

describe('ports of the host', () => {
  const page = (address: string, port: number) =>
    box.exec(['curl', '-s', '-m', '3', `http://${address.includes(':') ? `[${address}]` : address}:${port}/`]);

  it('lead to the pod, at the address that was asked for alone', async () => {
    const pod = await untilPod('ported', isReady, 'ready');
    const address = pod.status?.hostIP ?? '';
    await eventually(async () => expect((await page(address, 18_080)).stdout).toBe('here\n'), {
      what: 'the page on the host’s port',
    });
    expect((await page('127.0.0.1', 18_081)).stdout).toBe('here\n');
    expect((await page(address, 18_081)).code).not.toBe(0);
    await eventually(async () => expect(await echoOf('ping', 18_053)).toBe('ping'), {
      what: 'an echo of the datagram',
    });
  });
});
