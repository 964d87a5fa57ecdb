import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { box, eventually } from './harness.ts';
import { shellPod } from './manifests.ts';
import { apply, isReady, remove, run, untilPod } from './pods.ts';

const IMAGE = 'localhost:5000/busybox:latest';
const FOREVER = ['sh', '-c', 'trap exit TERM; while :; do sleep 1 & wait $!; done'];
/** A registry that asks who one is. */
const CLOSED = 'localhost:5001';
const PASSWORD = 's3cret';
/** bcrypt of the password. */
const USERS = `somebody:$2y$05$abcdefghijklmnopqrstuuLK7U1u6pVRmL7L1BBM2aS35PSZnDXlK`;
const CONFIG = `version: 0.1
storage: { filesystem: { rootdirectory: /run/e2e-registry/data } }
http: { addr: ${CLOSED} }
auth: { htpasswd: { realm: closed, path: /run/e2e-registry/users } }
`;
const UNIT = 'e2e-registry.service';

const podWith = (name: string, container: object, spec: object = {}): string =>
  shellPod(name, '', { containers: [{ name: 'main', command: FOREVER, ...container }], ...spec });

const auth = JSON.stringify({ auths: { [CLOSED]: { username: 'somebody', password: PASSWORD } } });
const pullSecret = JSON.stringify({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'closed', namespace: 'default' },
  type: 'kubernetes.io/dockerconfigjson',
  stringData: { '.dockerconfigjson': auth },
});

beforeAll(async () => {
  await box.must(['mkdir', '-p', '/run/e2e-registry/data']);
  await box.must(['sh', '-c', 'cat > /run/e2e-registry/users'], { input: `${USERS}\n` });
  await box.must(['sh', '-c', 'cat > /run/e2e-registry/config.yml'], { input: CONFIG });
  await box.must([
    'sh',
    '-c',
    `printf '[[registry]]\\nlocation = "${CLOSED}"\\ninsecure = true\\n' > /etc/containers/registries.conf.d/closed.conf`,
  ]);
  await box.must([
    'systemd-run',
    `--unit=${UNIT}`,
    '/usr/bin/docker-registry',
    'serve',
    '/run/e2e-registry/config.yml',
  ]);
  // Podman reads the list of registries when its service starts.
  await box.must(['systemctl', 'try-restart', 'podman.service']);
  const copy = ['skopeo', 'copy', '--quiet', '--src-tls-verify=false', '--dest-tls-verify=false'];
  await eventually(
    () =>
      box.must([
        ...copy,
        `--dest-creds=somebody:${PASSWORD}`,
        `docker://${IMAGE}`,
        `docker://${CLOSED}/busybox:latest`,
      ]),
    { what: 'the registry that asks for a password' },
  );
  await apply(pullSecret, '--server-side');
});

afterAll(async () => {
  await remove('pod', 'absent', 'unnamed', 'stranger', 'known', 'vouched', '--grace-period=1');
  await remove('secret', 'closed');
  await remove('serviceaccount', 'puller');
  await box.exec(['systemctl', 'stop', UNIT]);
  await box.exec(['rm', '-rf', '/run/e2e-registry', '/etc/containers/registries.conf.d/closed.conf']);
});

const waits = (name: string, reason: RegExp) =>
  untilPod(
    name,
    (pod) => reason.test(pod.status?.containerStatuses?.[0]?.state?.waiting?.reason ?? ''),
    String(reason),
  );

describe('an image', () => {
  it('that may not be pulled, or is none, is told of in upstream’s words', async () => {
    await apply(podWith('absent', { image: 'localhost:5000/absent:1', imagePullPolicy: 'Never' }));
    await apply(podWith('unnamed', { image: 'not a name' }));
    expect((await waits('absent', /^ErrImageNeverPull$/)).status?.containerStatuses?.[0]?.state?.waiting?.message).toBe(
      'Container image "localhost:5000/absent:1" is not present with pull policy of Never',
    );
    expect(
      (await waits('unnamed', /^InvalidImageName$/)).status?.containerStatuses?.[0]?.state?.waiting?.message,
    ).toMatch(/couldn't parse image name "not a name": invalid reference format/);
  });

  it('of a registry that asks who one is comes with the pod’s secrets, or its ServiceAccount’s, and not without', async () => {
    const image = `${CLOSED}/busybox:latest`;
    await apply(podWith('stranger', { image, imagePullPolicy: 'Always' }));
    await waits('stranger', /^(ErrImagePull|ImagePullBackOff)$/);
    await apply(podWith('known', { image, imagePullPolicy: 'Always' }, { imagePullSecrets: [{ name: 'closed' }] }));
    await untilPod('known', isReady, 'ready');
    await run('create', 'serviceaccount', 'puller');
    await run('patch', 'serviceaccount', 'puller', '--patch', '{"imagePullSecrets":[{"name":"closed"}]}');
    await apply(podWith('vouched', { image, imagePullPolicy: 'Always' }, { serviceAccountName: 'puller' }));
    await untilPod('vouched', isReady, 'ready');
  });
});
