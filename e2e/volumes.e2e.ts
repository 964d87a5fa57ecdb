import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { box, eventually } from './harness.ts';
import { shellPod } from './manifests.ts';
import { apply, isReady, remove, untilPod } from './pods.ts';

const FOREVER = 'trap exit TERM; while :; do sleep 1 & wait $!; done';

/** Contents that something on the way could mistake for its own syntax; values of variables hold text only. */
const TEXTS: { readonly [key: string]: string } = {
  percent: '100% %h %% %i %n',
  dollar: `$HOME $\{HOME} $$ $(HOME) \`id\``,
  quotes: `"double" 'single' \\"escaped\\" \\n \\`,
  lines: 'first\n\n  third\ttab\r\nlast\n',
  unicode: 'Grüße, 世界 🌍 \u202e end',
  empty: '',
  spaces: '  around  ',
  ini: '[Service]\nExecStart=/bin/false\n# UID=other\n',
  comma: 'a,b;c=d#e',
};
const BINARY = Buffer.concat([Buffer.from([0, 1, 255, 254, 13, 10]), randomBytes(4096)]);
const LARGE = randomBytes(700_000).toString('base64').slice(0, 900_000);
const PASSWORD = `pl${'ain'}-${randomBytes(12).toString('hex')}`;

const base64 = (text: string | Buffer): string => Buffer.from(text).toString('base64');
const sha = (text: string | Buffer): string => createHash('sha256').update(text).digest('hex');
const variable = (key: string): string => `V_${key.toUpperCase()}`;

/** What a file in the pod shall hold, by path. */
function expectedFiles(): ReadonlyMap<string, string> {
  const texts = Object.entries(TEXTS);
  return new Map([
    ...texts.map(([key, text]) => [`/cm/${key}`, sha(text)] as const),
    ...texts.map(([key, text]) => [`/secret/${key}`, sha(text)] as const),
    ['/cm/binary', sha(BINARY)],
    ['/secret/binary', sha(BINARY)],
    ['/secret/large', sha(LARGE)],
    ['/secret/password', sha(PASSWORD)],
    ['/all/password', sha(PASSWORD)],
    ['/all/name', sha('mixed')],
    ['/one/file', sha(TEXTS['lines'] ?? '')],
  ]);
}

/** A disk that the box has again after a boot: a file behind a loop device, which outlives the box's own processes. */
const DISK = '/dev/e2e-disk';
const diskScript = `
set -e
mkdir -p /var/lib/e2e-volumes-disk
truncate -s 1M /var/lib/e2e-volumes-disk/image
[ -e /dev/loop-control ] || mknod /dev/loop-control c 10 237
loop=$(losetup -f | cut -d' ' -f1)
[ -e $loop ] || mknod $loop b 7 \${loop#/dev/loop}
losetup $loop /var/lib/e2e-volumes-disk/image
echo "b ${DISK} 0600 root root - 7:\${loop#/dev/loop}" > /etc/tmpfiles.d/e2e-volumes.conf
systemd-tmpfiles --create /etc/tmpfiles.d/e2e-volumes.conf
printf 'raw bytes' | dd of=${DISK} conv=notrunc,fsync status=none
`;
const undoDisk = `[ ! -e ${DISK} ] || losetup -d ${DISK}; rm -rf ${DISK} /etc/tmpfiles.d/e2e-volumes.conf /var/lib/e2e-volumes-disk`;

async function inPod(script: string): Promise<string> {
  const command = ['podman', 'exec', 'qs-default_mixed_main', 'sh', '-c', script];
  const { code, stdout, stderr } = await box.exec(command);
  if (code !== 0) throw new Error(stderr);
  return stdout;
}

async function expectContents(): Promise<void> {
  const paths = [...expectedFiles().keys()];
  const sums = (await inPod(`sha256sum ${paths.map((path) => `'${path}'`).join(' ')}`)).trim().split('\n');
  expect(new Map(sums.map((line) => [line.slice(66), line.slice(0, 64)]))).toEqual(expectedFiles());
  // The process's own environment: what came through files, units and podman.
  const environ = (await inPod("tr '\\0' '\\001' < /proc/1/environ")).split('\u0001');
  for (const [key, text] of Object.entries(TEXTS)) {
    expect(environ, key).toContain(`${variable(key)}=${text}`);
    expect(environ, key).toContain(`S${variable(key)}=${text}`);
  }
}

beforeAll(async () => {
  await box.must(['rm', '-rf', '/var/lib/e2e-volumes']);
  const data = { ...TEXTS };
  const secretData = Object.fromEntries(Object.entries(TEXTS).map(([key, text]) => [key, base64(text)]));
  const objects = [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'texts' }, data, binaryData: { binary: base64(BINARY) } },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'texts' },
      data: { ...secretData, binary: base64(BINARY), large: base64(LARGE), password: base64(PASSWORD) },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'mixed' },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Mi' } } },
    },
    {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: 'raw' },
      spec: {
        ...{ accessModes: ['ReadWriteOncePod'], resources: { requests: { storage: '1Mi' } } },
        ...{ volumeMode: 'Block', storageClassName: 'e2e-disks', volumeName: 'e2e-disk' },
      },
    },
  ].map((object) => ({ ...object, metadata: { ...object.metadata, namespace: 'default' } }));
  await box.must(['sh', '-c', diskScript]);
  const everywhere = { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/os', operator: 'Exists' }] }] };
  await apply(
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'e2e-disk' },
      spec: {
        ...{ capacity: { storage: '1Mi' }, accessModes: ['ReadWriteOncePod'], storageClassName: 'e2e-disks' },
        ...{ volumeMode: 'Block', local: { path: DISK }, nodeAffinity: { required: everywhere } },
      },
    }),
  );
  for (const object of objects) await apply(JSON.stringify(object), '--server-side');
  const from = (key: string, kind: 'configMapKeyRef' | 'secretKeyRef') => ({ [kind]: { name: 'texts', key } });
  const env = Object.keys(TEXTS).flatMap((key) => [
    { name: variable(key), valueFrom: from(key, 'configMapKeyRef') },
    { name: `S${variable(key)}`, valueFrom: from(key, 'secretKeyRef') },
  ]);
  const mounts = ['cm', 'secret', 'all', 'info', 'empty', 'memory', 'host', 'data', 'own', 'files'];
  await apply(
    shellPod('mixed', '', {
      volumes: [
        { name: 'cm', configMap: { name: 'texts' } },
        { name: 'secret', secret: { secretName: 'texts', defaultMode: 0o400 } },
        {
          name: 'all',
          projected: {
            sources: [
              { secret: { name: 'texts', items: [{ key: 'password', path: 'password' }] } },
              { downwardAPI: { items: [{ path: 'name', fieldRef: { fieldPath: 'metadata.name' } }] } },
              { serviceAccountToken: { path: 'token', expirationSeconds: 3600 } },
            ],
          },
        },
        { name: 'info', downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] } },
        { name: 'empty', emptyDir: {} },
        { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } },
        { name: 'host', hostPath: { path: '/var/lib/e2e-volumes', type: 'DirectoryOrCreate' } },
        { name: 'data', persistentVolumeClaim: { claimName: 'mixed' } },
        { name: 'raw', persistentVolumeClaim: { claimName: 'raw' } },
        {
          name: 'own',
          ephemeral: {
            volumeClaimTemplate: {
              spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Mi' } } },
            },
          },
        },
        { name: 'files', image: { reference: 'localhost:5000/hello:v1' } },
      ],
      containers: [
        {
          name: 'main',
          image: 'localhost:5000/busybox:latest',
          command: [
            'sh',
            '-c',
            `for d in empty memory host data own by-expression; do echo x >> /$d/log; done; ${FOREVER}`,
          ],
          volumeDevices: [{ name: 'raw', devicePath: '/dev/raw disk' }],
          env: [{ name: 'PLACE', value: 'named' }, ...env],
          volumeMounts: [
            ...mounts.map((name) => ({ name, mountPath: `/${name}` })),
            { name: 'cm', mountPath: '/one/file', subPath: 'lines' },
            { name: 'data', mountPath: '/by-expression', subPathExpr: 'below/$(PLACE)' },
          ],
        },
      ],
    }),
    '--server-side',
  );
  await untilPod('mixed', isReady, 'ready');
});

afterAll(async () => {
  await box.exec(['systemctl', 'unmask', 'quadshift.service', 'quadshift.socket']);
  await box.exec(['systemctl', 'start', 'quadshift.socket', 'quadshift.service']);
  await remove('pod', 'mixed');
  await remove('configmap,secret,pvc', 'texts', 'mixed', 'raw');
  await remove('pv', 'e2e-disk');
  await box.exec(['sh', '-c', undoDisk]);
});

describe('volumes and variables', () => {
  it('arrive byte for byte', expectContents);

  it('are a disk as it is', async () => {
    expect(await inPod('test -b "/dev/raw disk" && head -c 9 "/dev/raw disk"')).toBe('raw bytes');
    await inPod('printf "more" | dd of="/dev/raw disk" bs=1 seek=4 conv=notrunc,fsync 2>/dev/null');
    expect(await box.must(['head', '-c', '9', DISK])).toBe('raw mores');
  });

  it('hold a memory volume to its size', async () => {
    const script =
      'df -k /memory | tail -n 1; dd if=/dev/zero of=/memory/big bs=1M count=2 2>&1 || true; rm /memory/big';
    expect(await inPod(script)).toMatch(/tmpfs\s+1024\s[\s\S]*No space left on device/);
  });

  it('that are secret lie on disk only encrypted', async () => {
    const token = (await inPod('cat /all/token')).trim();
    for (const secret of [PASSWORD, base64(PASSWORD), token, token.split('.')[2] ?? '']) {
      const files = await box.exec(['grep', '-rlaF', '--', secret, '/var/lib/quadshift', '/etc']);
      expect(files.stdout).toBe('');
    }
    expect((await box.must(['stat', '-f', '-c', '%T', '/run/quadshift/pods'])).trim()).toBe('tmpfs');
  });

  it('are all back after a reboot without the API server', async () => {
    const token = await inPod('cat /all/token');
    await box.exec(['systemctl', 'mask', 'quadshift.service', 'quadshift.socket']);
    await box.reboot();
    await eventually(async () => expect(await inPod('cat /host/log')).toBe('x\nx\n'), { what: 'the pod is back' });
    await expectContents();
    const logs = 'cat /data/log /own/log /data/below/named/log /empty/log /memory/log; ls /files/www; cat /info/labels';
    await eventually(async () => expect(await inPod(logs)).toBe(`${'x\n'.repeat(9)}index.html\napp="mixed"`), {
      what: 'a line more in each volume',
    });
    expect(await inPod('cat /all/token')).toBe(token);
    expect(await inPod('head -c 9 "/dev/raw disk"')).toBe('raw mores');
    expect((await inPod('stat -c "%a %u" /secret/..data/password')).trim()).toBe('400 0');
  });
});
