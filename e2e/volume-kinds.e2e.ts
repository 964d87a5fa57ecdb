import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Event, Pod } from '../src/kinds/types.ts';
import { inPod } from './clients.ts';
import { box, eventually, kubectl } from './harness.ts';
import { shellPod } from './manifests.ts';
import { apply, getObject, isReady, remove, run, untilPod } from './pods.ts';
import { NODE } from './probed-server.ts';

const FOREVER = 'trap exit TERM; while :; do sleep 1 & wait $!; done';
const HOST = '/var/lib/e2e-kinds';
const hostPath = (name: string, path: string, type: string) => ({ name, source: { hostPath: { path, type } } });
const field = (path: string, fieldPath: string) => ({ path, fieldRef: { fieldPath } });
const object = (kind: string, name: string, data: object) =>
  JSON.stringify({ apiVersion: 'v1', kind, metadata: { name, namespace: 'default' }, ...data });

/** A volume, or another mount of one, at `/<its name>` unless told otherwise. */
interface Mounted {
  readonly name: string;
  readonly source?: object;
  readonly mount?: object;
}

function withVolumes(name: string, mounted: readonly Mounted[], more: object = {}): string {
  const volumeMounts = mounted.map((one) => ({ name: one.name, mountPath: `/${one.name}`, ...one.mount }));
  const volumes = mounted.flatMap((one) => (one.source ? [{ name: one.name, ...one.source }] : []));
  const image = 'localhost:5000/busybox:latest';
  return shellPod(name, '', {
    volumes,
    containers: [{ name: 'main', image, command: ['sh', '-c', FOREVER], volumeMounts, ...more }],
  });
}

/** Of the host, one of each type. */
const OF_HOST: readonly Mounted[] = [
  hostPath('any', `${HOST}/made-for-any`, ''),
  hostPath('directory', `${HOST}/directory`, 'Directory'),
  hostPath('new-directory', `${HOST}/a/b c`, 'DirectoryOrCreate'),
  hostPath('file', `${HOST}/file`, 'File'),
  hostPath('new-file', `${HOST}/new-file`, 'FileOrCreate'),
  hostPath('socket', `${HOST}/socket`, 'Socket'),
  hostPath('character', '/dev/null', 'CharDevice'),
  hostPath('block', `${HOST}/block`, 'BlockDevice'),
  { name: 'directory', mount: { mountPath: '/read-only', readOnly: true } },
  {
    name: 'directory',
    mount: { mountPath: '/wholly-read-only', readOnly: true, recursiveReadOnly: 'Enabled' },
  },
];

const PROJECTED: Mounted = {
  name: 'projected',
  source: {
    projected: {
      defaultMode: 0o440,
      sources: [
        { configMap: { name: 'kinds', items: [{ key: 'a', path: 'maps/a', mode: 0o400 }] } },
        { configMap: { name: 'nobody', optional: true } },
        { secret: { name: 'kinds', items: [{ key: 'b', path: 'secrets/b' }] } },
        { secret: { name: 'nobody', optional: true } },
        {
          downwardAPI: {
            items: [
              field('pod/name', 'metadata.name'),
              { path: 'pod/cpu', resourceFieldRef: { containerName: 'main', resource: 'limits.cpu', divisor: '1m' } },
            ],
          },
        },
        { serviceAccountToken: { path: 'token', audience: 'e2e.example', expirationSeconds: 3600 } },
      ],
    },
  },
};

/** Of the API's objects. */
const OF_OBJECTS: readonly Mounted[] = [
  PROJECTED,
  { name: 'fixed', source: { configMap: { name: 'fixed', defaultMode: 0o444 } } },
  { name: 'absent', source: { secret: { secretName: 'nobody', optional: true } } },
  { name: 'empty', source: { emptyDir: {} } },
  { name: 'empty', mount: { mountPath: '/empty-read-only', readOnly: true } },
  { name: 'empty', mount: { mountPath: '/below', subPath: 'x/y' } },
];

const prepare = `
set -e
rm -rf ${HOST}; mkdir -p ${HOST}/directory/below; echo text > ${HOST}/file
mknod ${HOST}/block b 7 77
mount -t tmpfs e2e-below ${HOST}/directory/below
`;

async function messagesOf(pod: string): Promise<readonly string[]> {
  const { items } = await getObject<{ items: Event[] }>('events', `--field-selector=involvedObject.name=${pod}`);
  return items.map(({ reason, message }) => `${reason}: ${message}`);
}

beforeAll(async () => {
  await box.must(['sh', '-c', prepare]);
  // Killed, so that it can't take its socket away again.
  const listen = `require('node:net').createServer().listen('${HOST}/socket', () => process.kill(process.pid, 'SIGKILL'))`;
  await box.exec([NODE, '-e', listen]);
  await apply(object('ConfigMap', 'kinds', { data: { a: 'of a map', unused: 'x' } }));
  await apply(object('Secret', 'kinds', { stringData: { b: 'of a secret' } }));
  await apply(object('ConfigMap', 'fixed', { data: { c: 'for good' }, immutable: true }));
  await apply(withVolumes('of-host', OF_HOST));
  await apply(withVolumes('of-objects', OF_OBJECTS, { resources: { limits: { cpu: '500m' } } }));
  await untilPod('of-host', isReady, 'ready');
  await untilPod('of-objects', isReady, 'ready');
});

afterAll(async () => {
  await remove('pod', 'of-host', 'of-objects', 'waits', 'unmountable', '--grace-period=1');
  await remove('configmap,secret', 'kinds', 'fixed', 'later');
  await box.exec(['sh', '-c', `umount ${HOST}/directory/below; rm -rf ${HOST}`]);
});

describe('folders of the host', () => {
  it('are what their type says, made where it says so', async () => {
    const tests = [
      '-d /any',
      '-d /directory',
      '-d /new-directory',
      '-f /new-file',
      '-S /socket',
      '-c /character',
      '-b /block',
    ];
    await inPod('of-host', 'sh', '-c', tests.map((one) => `test ${one}`).join(' && '));
    expect(await inPod('of-host', 'cat', '/file')).toBe('text\n');
    expect(await inPod('of-host', 'stat', '-c', '%a %u', '/new-directory', '/new-file')).toBe('755 0\n644 0\n');
    await inPod('of-host', 'touch', '/new-directory/x');
    expect(await box.must(['ls', `${HOST}/a/b c`])).toBe('x\n');
  });

  it('are read-only as far down as was asked for', async () => {
    const writes = (path: string) => kubectl(['exec', 'of-host', '--', 'touch', path]);
    expect((await writes('/directory/x')).code).toBe(0);
    expect((await writes('/read-only/x')).stderr).toContain('Read-only file system');
    expect((await writes('/read-only/below/x')).code).toBe(0);
    expect((await writes('/wholly-read-only/x')).stderr).toContain('Read-only file system');
    expect((await writes('/wholly-read-only/below/x')).stderr).toContain('Read-only file system');
    expect(await inPod('of-host', 'ls', '/wholly-read-only/below')).toBe('x\n');
  });

  it('leave no mount behind, and all their files', async () => {
    await remove('pod', 'of-host', '--grace-period=1');
    expect((await box.exec(['grep', '-c', 'read-only', '/proc/mounts'])).stdout).toBe('0\n');
    expect(await box.must(['ls', `${HOST}/directory`, `${HOST}/directory/below`])).toMatch(/below\nx\n[\s\S]*:\nx\n$/);
  });
});

describe('objects as files', () => {
  it('are all in one volume, with their modes', async () => {
    const files = ['maps/a', 'secrets/b', 'pod/name', 'pod/cpu'];
    const paths = files.map((file) => `/projected/${file}`);
    expect(await inPod('of-objects', 'sh', '-c', `for f in ${paths.join(' ')}; do cat $f; echo; done`)).toBe(
      'of a map\nof a secret\nof-objects\n500\n',
    );
    expect(await inPod('of-objects', 'stat', '-L', '-c', '%a', ...paths)).toBe('400\n440\n440\n440\n');
    const [, claims = ''] = (await inPod('of-objects', 'cat', '/projected/token')).split('.');
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      ...{ aud: ['e2e.example'], sub: 'system:serviceaccount:default:default' },
    });
    expect(await inPod('of-objects', 'ls', '/projected', '/absent')).toBe(
      '/absent:\n\n/projected:\nmaps\npod\nsecrets\ntoken\n',
    );
  });

  it('can not be written to, and those that are immutable not be changed', async () => {
    for (const path of ['/projected/x', '/fixed/x', '/empty-read-only/x']) {
      expect((await kubectl(['exec', 'of-objects', '--', 'touch', path])).stderr).toContain('Read-only file system');
    }
    const patched = await kubectl(['patch', 'configmap', 'fixed', '--patch', '{"data":{"c":"other"}}']);
    expect(patched.stderr).toContain('field is immutable when `immutable` is set');
    expect(await inPod('of-objects', 'cat', '/fixed/c')).toBe('for good');
  });

  it('below a path of a volume are in that volume', async () => {
    await inPod('of-objects', 'sh', '-c', 'echo here > /below/file');
    expect(await inPod('of-objects', 'cat', '/empty/x/y/file')).toBe('here\n');
  });

  it('that are not there keep the pod waiting, until they are', async () => {
    await apply(withVolumes('waits', [{ name: 'later', source: { configMap: { name: 'later' } } }]));
    await eventually(
      async () =>
        expect(await messagesOf('waits')).toContain(
          'FailedMount: MountVolume.SetUp failed for volume "later" : configmap "later" not found',
        ),
      { what: 'the event' },
    );
    const row = () => run('get', 'pod', 'waits', '--no-headers');
    await eventually(async () => expect(await row()).toMatch(/0\/1 +ContainerCreating/), { what: 'its row' });
    await apply(object('ConfigMap', 'later', { data: { now: 'it is' } }));
    await untilPod('waits', isReady, 'ready');
    expect(await inPod('waits', 'cat', '/later/now')).toBe('it is');
  });

  it('that can not be mounted are told of, and leave nothing behind', async () => {
    // There is no such server, and here mostly not even a kernel that could ask it.
    const nfs = { server: '127.0.0.1', path: '/nothing' };
    await apply(withVolumes('unmountable', [{ name: 'remote', source: { nfs } }]));
    const told = /^FailedMount: MountVolume.SetUp failed for volume "remote" : mount failed: exit status \d+: /;
    await eventually(async () => expect(await messagesOf('unmountable')).toContainEqual(expect.stringMatching(told)), {
      what: 'the event',
      timeoutMs: 200_000,
    });
    const { uid = '' } = (await getObject<Pod>('pod', 'unmountable')).metadata ?? {};
    await remove('pod', 'unmountable');
    expect((await box.exec(['ls', '-d', `/run/quadshift/mounts/${uid}`])).code).not.toBe(0);
  }, 300_000);
});
