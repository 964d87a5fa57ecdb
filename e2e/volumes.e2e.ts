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
  ].map((object) => ({ ...object, metadata: { ...object.metadata, namespace: 'default' } }));
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
  await remove('configmap,secret,pvc', 'texts', 'mixed');
});

describe('volumes and variables', () => {
  it('arrive byte for byte', expectContents);

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
    await eventually(async () => expect(await inPod('cat /host/log')).toBe('x\nx\n'), {
      timeoutMs: 60_000,
      what: 'the pod is back',
    });
    await expectContents();
    expect(
      await inPod(
        'cat /data/log /own/log /data/below/named/log /empty/log /memory/log; ls /files/www; cat /info/labels',
      ),
    ).toBe(`${'x\n'.repeat(9)}index.html\napp="mixed"`);
    expect(await inPod('cat /all/token')).toBe(token);
    expect((await inPod('stat -c "%a %u" /secret/..data/password')).trim()).toBe('400 0');
  });
});
