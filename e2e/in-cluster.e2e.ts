import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { inPod, startClient } from './clients.ts';
import { box, eventually } from './harness.ts';
import { apply, isReady, remove, run, untilPod } from './pods.ts';

const ACCOUNT = '/var/run/secrets/kubernetes.io/serviceaccount';
const STAY = 'trap exit TERM; while :; do sleep 1 & wait $!; done';
const API = 'https://kubernetes.default.svc/api/v1/namespaces/default';

const RBAC = [
  { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'reader' } },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'Role',
    metadata: { name: 'reader' },
    rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: 'default' }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
  },
];

const OBJECTS = [
  {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'settings' },
    data: { color: 'blue', gone: 'soon' },
    binaryData: { bytes: Buffer.from([0, 255, 10]).toString('base64') },
  },
  { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'credentials' }, stringData: { password: 's3cret' } },
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'back-end' },
    spec: { ports: [{ name: 'http', port: 80 }], selector: { app: 'nobody' } },
  },
];

const VOLUMES = [
  { name: 'settings', configMap: { name: 'settings' } },
  { name: 'credentials', secret: { secretName: 'credentials', defaultMode: 0o400 } },
  { name: 'labels', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
];

const MOUNTS = [
  { name: 'settings', mountPath: '/settings' },
  { name: 'settings', mountPath: '/fixed/color', subPath: 'color' },
  { name: 'credentials', mountPath: '/credentials' },
  { name: 'labels', mountPath: '/labels' },
];

function main(more: object = {}): readonly object[] {
  return [{ name: 'main', image: 'localhost:5000/busybox:latest', command: ['sh', '-c', STAY], ...more }];
}

/** What the API server says to a pod about a resource of its namespace. */
function asked(pod: string, resource: string): Promise<string> {
  const header = `Authorization: Bearer $(cat ${ACCOUNT}/token)`;
  const wget = `wget -q -T 5 -O - --no-check-certificate --header "${header}" ${API}/${resource}`;
  return inPod(pod, 'sh', '-c', wget);
}

function bytesOf(pod: string, path: string): Promise<string> {
  return inPod(pod, 'od', '-An', '-tx1', path);
}

beforeAll(async () => {
  for (const object of [...RBAC, ...OBJECTS]) await apply(JSON.stringify(object));
  await startClient('nobody');
  await startClient('inside', {
    serviceAccountName: 'reader',
    volumes: VOLUMES,
    containers: main({ volumeMounts: MOUNTS }),
  });
  await startClient('closed', { automountServiceAccountToken: false, enableServiceLinks: false });
});

afterAll(async () => {
  await box.exec(['systemctl', 'unmask', 'quadshift.service', 'quadshift.socket']);
  await box.exec(['systemctl', 'start', 'quadshift.socket', 'quadshift.service']);
  await remove('pod', 'inside', 'nobody', 'closed', '--grace-period=1');
  await remove('configmap/settings', 'secret/credentials', 'service/back-end', 'service/late');
  await remove('rolebinding/reader', 'role/reader', 'serviceaccount/reader');
});

describe('a pod with a ServiceAccount', () => {
  it('may read what its Role lets it, and nothing else', async () => {
    expect(JSON.parse(await asked('inside', 'pods'))).toMatchObject({ kind: 'PodList' });
    await expect(asked('inside', 'secrets')).rejects.toThrow('403 Forbidden');
    await expect(asked('nobody', 'pods')).rejects.toThrow('403 Forbidden');
  });

  it('has a token that ends with it', async () => {
    await startClient('brief', { serviceAccountName: 'reader' });
    const authorization = `Authorization: Bearer ${await inPod('brief', 'cat', `${ACCOUNT}/token`)}`;
    const pods = 'https://localhost:6443/api/v1/namespaces/default/pods';
    const status = () => box.must(['curl', '-sk', '-o', '/dev/null', '-w', '%{http_code}', '-H', authorization, pods]);
    expect(await status()).toBe('200');
    await remove('pod', 'brief', '--grace-period=1');
    expect(await status()).toBe('401');
  });

  it('has the CA with which the API server can be verified, and its namespace', async () => {
    expect(await inPod('inside', 'cat', `${ACCOUNT}/namespace`)).toBe('default');
    await box.must(['sh', '-c', 'cat > /tmp/pod-ca.crt'], { input: await inPod('inside', 'cat', `${ACCOUNT}/ca.crt`) });
    const address = await inPod('inside', 'sh', '-c', 'echo $KUBERNETES_SERVICE_HOST');
    const resolve = `kubernetes.default.svc:443:${address.trim()}`;
    const curl = ['curl', '-sSf', '--cacert', '/tmp/pod-ca.crt', '--resolve', resolve];
    expect(await box.must([...curl, 'https://kubernetes.default.svc/livez'])).toBe('ok');
  });

  it('gets no token when it wants none', async () => {
    await expect(inPod('closed', 'ls', ACCOUNT)).rejects.toThrow('No such file');
  });
});

describe('a pod that is not root', () => {
  const name = 'unprivileged';
  const token = `${ACCOUNT}/token`;
  afterEach(() => remove('pod', name, '--grace-period=1'));

  it('owns its token alone', async () => {
    await startClient(name, { securityContext: { runAsUser: 1000 } });
    expect(await inPod(name, 'stat', '-L', '-c', '%a %u', token)).toBe('600 1000\n');
    expect(await inPod(name, 'cat', token)).toMatch(/^ey/);
  });

  it('reads token and volumes as the group of the file system', async () => {
    await startClient(name, {
      securityContext: { fsGroup: 2000 },
      volumes: VOLUMES,
      containers: [...main({ volumeMounts: MOUNTS, securityContext: { runAsUser: 1000 } }), ...main({ name: 'other' })],
    });
    const read = (path: string) => inPod(name, 'sh', '-c', `stat -L -c '%a %g' ${path}; head -c 2 ${path}`);
    expect(await read(token)).toBe('640 2000\ney');
    expect(await read('/credentials/password')).toBe('440 2000\ns3');
  });
});

describe('variables', () => {
  it('tell of the API server, of the Services of the namespace, and of the host name', async () => {
    const lines = (await inPod('inside', 'env')).split('\n');
    expect(lines).toContain('HOSTNAME=inside');
    expect(lines).toContain('KUBERNETES_SERVICE_PORT=443');
    expect(lines).toContain('BACK_END_SERVICE_PORT_HTTP=80');
    expect(lines.some((line) => /^BACK_END_PORT_80_TCP=tcp:\/\/10\.43\./.test(line))).toBe(true);
  });

  it('tell only of the API server without service links', async () => {
    const env = await inPod('closed', 'env');
    expect(env).toMatch(/^KUBERNETES_SERVICE_HOST=10\.43\./m);
    expect(env).not.toContain('BACK_END');
  });

  it('do not restart anything when a Service comes', async () => {
    const name = 'late';
    const spec = { ports: [{ port: 80 }], selector: { app: 'nobody' } };
    await apply(JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name }, spec }));
    const pod = await untilPod('inside', isReady, 'ready');
    expect(pod.status?.containerStatuses?.[0]?.restartCount).toBe(0);
    await remove('service', name);
  });
});

describe('volumes', () => {
  it('hold bytes and modes as given', async () => {
    expect((await bytesOf('inside', '/settings/bytes')).trim()).toBe('00 ff 0a');
    expect(await inPod('inside', 'stat', '-L', '-c', '%a', '/credentials/password')).toBe('400\n');
  });

  it('follow their ConfigMap and the labels in the running container, but for a subPath', async () => {
    await run('patch', 'configmap', 'settings', '--type=merge', '-p', '{"data":{"color":"green","gone":null}}');
    await run('label', 'pod', 'inside', 'stage=late');
    await eventually(
      async () => {
        expect(await inPod('inside', 'ls', '/settings')).toBe('bytes\ncolor\n');
        expect(await inPod('inside', 'cat', '/settings/color')).toBe('green');
        expect(await inPod('inside', 'cat', '/labels/labels')).toContain('stage="late"');
      },
      { what: 'the new contents' },
    );
    expect(await inPod('inside', 'cat', '/fixed/color')).toBe('blue');
    const pod = await untilPod('inside', isReady, 'ready');
    expect(pod.status?.containerStatuses?.[0]?.restartCount).toBe(0);
  });

  it('keep what they hold when that is deleted, while others go on following', async () => {
    await remove('secret/credentials');
    await run('patch', 'configmap', 'settings', '--type=merge', '-p', '{"data":{"color":"red"}}');
    await eventually(async () => expect(await inPod('inside', 'cat', '/settings/color')).toBe('red'), {
      what: 'the new color',
    });
    expect(await inPod('inside', 'cat', '/credentials/password')).toBe('s3cret');
  });

  it('are there after a reboot without the API server, and the token still works when it is back', async () => {
    await box.must(['systemctl', 'mask', 'quadshift.service', 'quadshift.socket']);
    await box.reboot();
    const container = 'qs-default_inside_main';
    await eventually(
      async () => {
        const read = ['cat', '/settings/color', '/credentials/password', `${ACCOUNT}/namespace`];
        expect(await box.must(['podman', 'exec', container, ...read])).toBe('reds3cretdefault');
        expect(await box.must(['podman', 'exec', container, 'cat', `${ACCOUNT}/token`])).toMatch(/^ey/);
      },
      { timeoutMs: 120_000, what: 'the pod is back' },
    );
    await box.must(['systemctl', 'unmask', 'quadshift.service', 'quadshift.socket']);
    await box.must(['systemctl', 'start', 'quadshift.socket', 'quadshift.service']);
    await eventually(async () => expect(await asked('inside', 'pods')).toContain('PodList'), {
      what: 'the API server takes the token',
    });
  });
});
