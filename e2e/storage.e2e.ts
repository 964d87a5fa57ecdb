import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../src/kinds/types.ts';
import { box, eventually, kubectl } from './harness.ts';
import { shellPod } from './manifests.ts';
import { apply, getObject, isReady, remove, run, untilPod } from './pods.ts';

const FOREVER = 'trap exit TERM; while :; do sleep 1 & wait $!; done';

const claim = (name: string, spec: object = {}): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name, namespace: 'default' },
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '10Mi' } }, ...spec },
  });

/** A pod that appends its start to a log in each volume and stays. */
const writer = (name: string, volumes: readonly object[], spec: object = {}): string => {
  const names = volumes.map((volume) => (volume as { name: string }).name);
  const script = `${names.map((each) => `echo started >> /v/${each}/log`).join('; ')}; ${FOREVER}`;
  return shellPod(name, '', {
    volumes,
    containers: [
      {
        name: 'main',
        image: 'localhost:5000/busybox:latest',
        command: ['sh', '-c', script],
        volumeMounts: names.map((each) => ({ name: each, mountPath: `/v/${each}` })),
      },
    ],
    ...spec,
  });
};

const fromClaim = (name: string, claimName = name) => ({ name, persistentVolumeClaim: { claimName } });
const theClaim = (name: string) => getObject<PersistentVolumeClaim>('pvc', name);
const volumes = async () => (await getObject<{ items: PersistentVolume[] }>('pv')).items;
const folders = async () => (await box.exec(['sh', '-c', 'ls -A /var/lib/quadshift/volumes'])).stdout.trim();
const events = (name: string) =>
  run(
    'get',
    'events',
    '--field-selector',
    `involvedObject.name=${name}`,
    '-o',
    'jsonpath={range .items[*]}{.reason}: {.message}{"\\n"}{end}',
  );

/** A container that is ready may not have written yet. */
async function untilStarted(times: number, log: () => Promise<string>): Promise<void> {
  await eventually(async () => expect(await log()).toBe('started\n'.repeat(times)), { what: `${times} starts` });
}

async function gone(): Promise<void> {
  await eventually(async () => expect([await volumes(), await folders()]).toEqual([[], '']), {
    what: 'no volume and no folder is left',
  });
}

afterAll(async () => {
  await box.exec(['systemctl', 'unmask', 'quadshift.service', 'quadshift.socket']);
  await box.exec(['systemctl', 'start', 'quadshift.socket', 'quadshift.service']);
});

describe('claims', () => {
  beforeAll(async () => {
    await apply(claim('data'));
  });
  afterAll(async () => {
    await remove('pod', 'writer');
    await remove('pvc', 'data');
  });

  it('wait for their first pod, get a folder, and keep it from going while it is used', async () => {
    expect((await theClaim('data')).spec?.storageClassName).toBe('local');
    await eventually(async () => expect(await events('data')).toContain('waiting for first consumer'), {
      what: 'the claim says what it waits for',
    });
    const security = { securityContext: { fsGroup: 2000, runAsUser: 1000 } };
    await apply(writer('writer', [fromClaim('data')], security));
    await untilPod('writer', isReady, 'ready');
    await untilStarted(1, () => run('exec', 'writer', '--', 'cat', '/v/data/log'));
    const bound = await theClaim('data');
    expect(bound.status).toMatchObject({ phase: 'Bound', capacity: { storage: '10Mi' } });
    expect(await run('exec', 'writer', '--', 'stat', '-c', '%u %g %a', '/v/data', '/v/data/log')).toBe(
      '0 2000 2777\n1000 2000 644\n',
    );
    expect(await events('data')).toMatch(/ProvisioningSucceeded: Successfully provisioned volume pvc-/);
    // The box's disk has no project quotas, which is said.
    expect(await events('data')).toContain('VolumeSizeNotEnforced');
    await run('delete', 'pvc', 'data', '--wait=false');
    expect((await kubectl(['get', 'pvc', 'data'])).stdout).toContain('Terminating');
    await remove('pod', 'writer');
    await gone();
  });

  it('hold their data over a reboot without the API server, and over a power cut', async () => {
    await apply(claim('data'));
    await apply(writer('writer', [fromClaim('data')]));
    await untilPod('writer', isReady, 'ready');
    await box.exec(['systemctl', 'mask', 'quadshift.service', 'quadshift.socket']);
    await box.reboot();
    const log = async () => (await box.exec(['sh', '-c', 'cat /var/lib/quadshift/volumes/*_default_data/log'])).stdout;
    await untilStarted(2, log);
    await box.exec(['systemctl', 'unmask', 'quadshift.service', 'quadshift.socket']);
    await box.powerCut();
    await box.boot();
    await untilStarted(3, log);
    await untilPod('writer', isReady, 'ready');
    expect((await theClaim('data')).status?.phase).toBe('Bound');
  });

  it('of a StatefulSet are made, kept when it shrinks, found again, and go by its policy', async () => {
    const set = {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'db', namespace: 'default' },
      spec: {
        serviceName: 'db',
        replicas: 2,
        podManagementPolicy: 'Parallel',
        persistentVolumeClaimRetentionPolicy: { whenDeleted: 'Delete', whenScaled: 'Retain' },
        selector: { matchLabels: { app: 'db' } },
        template: { metadata: { labels: { app: 'db' } }, spec: (JSON.parse(writer('x', [{ name: 'd' }])) as Pod).spec },
        volumeClaimTemplates: [
          { metadata: { name: 'd' }, spec: (JSON.parse(claim('d')) as PersistentVolumeClaim).spec },
        ],
      },
    };
    // The claim of the template takes the place of a volume of that name.
    await apply(JSON.stringify(set));
    await run('rollout', 'status', 'statefulset/db', '--timeout=60s');
    await run('scale', 'statefulset/db', '--replicas=1');
    await run('wait', 'pod/db-1', '--for=delete', '--timeout=30s');
    await run('scale', 'statefulset/db', '--replicas=2');
    await run('rollout', 'status', 'statefulset/db', '--timeout=60s');
    await untilStarted(2, () => run('exec', 'db-1', '--', 'cat', '/v/d/log'));
    await remove('statefulset', 'db');
    await remove('pod', 'writer');
    await remove('pvc', 'data');
    await gone();
  });
});

describe('a class of its own', () => {
  afterAll(async () => {
    await remove('pod', 'owner', 'latecomer', '--grace-period=1');
    await remove('pvc', 'kept');
    await remove('sc', 'e2e-now');
  });

  it('provides at once, for one pod alone, grows what is in use, and keeps what is given back', async () => {
    const ours = { provisioner: 'quadshift.io/local-directory', volumeBindingMode: 'Immediate' };
    const growing = { reclaimPolicy: 'Retain', allowVolumeExpansion: true };
    const metadata = { name: 'e2e-now' };
    await apply(
      JSON.stringify({ apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata, ...ours, ...growing }),
    );
    await apply(claim('kept', { storageClassName: 'e2e-now', accessModes: ['ReadWriteOncePod'] }));
    await run('wait', 'pvc/kept', '--for=jsonpath={.status.phase}=Bound', '--timeout=30s');
    await apply(writer('owner', [fromClaim('kept')]));
    await untilPod('owner', isReady, 'ready');
    await apply(writer('latecomer', [fromClaim('kept')]));
    const conflict =
      'node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode already in-use by another pod';
    await eventually(async () => expect(await events('latecomer')).toContain(conflict), {
      what: 'the second pod is told why it waits',
    });
    const larger = { spec: { resources: { requests: { storage: '20Mi' } } } };
    await run('patch', 'pvc', 'kept', '--patch', JSON.stringify(larger));
    await run('wait', 'pvc/kept', '--for=jsonpath={.status.capacity.storage}=20Mi', '--timeout=30s');
    const name = (await theClaim('kept')).spec?.volumeName ?? '';
    expect((await getObject<PersistentVolume>('pv', name)).spec?.capacity?.['storage']).toBe('20Mi');
    await remove('pod', 'owner', '--grace-period=1');
    await untilPod('latecomer', isReady, 'ready');
    await untilStarted(2, () => run('exec', 'latecomer', '--', 'cat', '/v/kept/log'));
    await remove('pod', 'latecomer', '--grace-period=1');
    await remove('pvc', 'kept');
    await run('wait', `pv/${name}`, '--for=jsonpath={.status.phase}=Released', '--timeout=30s');
    const folder = (await getObject<PersistentVolume>('pv', name)).spec?.local?.path ?? '';
    expect(await box.must(['cat', `${folder}/log`])).toBe('started\nstarted\n');
    await remove('pv', name);
    expect(await box.must(['ls', folder])).toBe('log\n');
    await box.must(['rm', '-r', folder]);
  });
});

describe('other volumes', () => {
  // It is looked at every ten seconds: beside the first case.
  beforeAll(async () => {
    await box.exec(['rm', '-rf', '/srv/appears']);
    await apply(writer('patient', [{ name: 'd', hostPath: { path: '/srv/appears', type: 'Directory' } }]));
  });
  afterAll(async () => {
    await remove('pod', 'mixed', 'waiting', 'patient');
    await remove('pvc', 'waiting');
    await remove('pv', 'disk');
  });

  it('are static ones, ephemeral ones that go with their pod, and images', async () => {
    await box.must(['mkdir', '-p', '/srv/disk']);
    const affinity = {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'Exists' }] }],
    };
    const disk = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: 'disk' },
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        local: { path: '/srv/disk' },
        nodeAffinity: { required: affinity },
        storageClassName: 'manual',
      },
    };
    const template = { spec: (JSON.parse(claim('x')) as PersistentVolumeClaim).spec };
    await apply(JSON.stringify(disk));
    await apply(claim('waiting', { storageClassName: 'manual' }));
    await apply(
      shellPod('mixed', '', {
        volumes: [
          fromClaim('disk', 'waiting'),
          { name: 'scratch', ephemeral: { volumeClaimTemplate: template } },
          { name: 'files', image: { reference: 'localhost:5000/hello:v1' } },
        ],
        containers: [
          {
            name: 'main',
            image: 'localhost:5000/busybox:latest',
            command: ['sh', '-c', `echo here > /disk/x; echo there > /scratch/y; ${FOREVER}`],
            volumeMounts: [
              { name: 'disk', mountPath: '/disk' },
              { name: 'scratch', mountPath: '/scratch' },
              { name: 'files', mountPath: '/files' },
            ],
          },
        ],
      }),
    );
    await untilPod('mixed', isReady, 'ready');
    await eventually(async () => expect((await box.exec(['cat', '/srv/disk/x'])).stdout).toBe('here\n'), {
      what: 'what was written',
    });
    expect(await run('exec', 'mixed', '--', 'sh', '-c', 'ls /files; touch /files/x 2>&1 || true')).toMatch(
      /www[\s\S]*Read-only/,
    );
    expect((await theClaim('mixed-scratch')).metadata?.ownerReferences?.[0]?.kind).toBe('Pod');
    await remove('pod', 'mixed');
    await eventually(async () => expect(await folders()).toBe(''), { what: 'the scratch is gone' });
    await remove('pvc', 'waiting');
    await eventually(
      async () => expect((await getObject<PersistentVolume>('pv', 'disk')).status?.phase).toBe('Released'),
      { what: 'the disk is released' },
    );
    expect((await box.exec(['cat', '/srv/disk/x'])).stdout).toBe('here\n');
  });

  it('of the host are looked at before the pod starts, and again until they are right', async () => {
    await eventually(
      async () =>
        expect(await events('patient')).toContain(
          'FailedMount: MountVolume.SetUp failed for volume "d" : hostPath type check failed: /srv/appears is not a directory',
        ),
      { what: 'the kubelet’s sentence' },
    );
    await box.must(['mkdir', '/srv/appears']);
    await untilPod('patient', isReady, 'ready');
    await remove('pod', 'patient');
  });

  it('that nobody can provide keep the pod waiting, which says why', async () => {
    await apply(claim('waiting', { storageClassName: '' }));
    await apply(writer('waiting', [fromClaim('d', 'waiting')]));
    const pod = await untilPod(
      'waiting',
      (p) => p.status?.conditions?.some((c) => c.type === 'PodScheduled' && c.status === 'False') ?? false,
      'not scheduled',
    );
    expect(pod.status?.conditions?.find((c) => c.type === 'PodScheduled')?.message).toBe(
      '0/1 nodes are available: pod has unbound immediate PersistentVolumeClaims. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.',
    );
  });
});

describe('a server that is killed', () => {
  const ROUNDS = 4;

  afterAll(async () => {
    await remove('pvc', '-l', 'e2e=killed');
    await remove('sc', 'at-once');
  });

  it('leaves no folder that nobody knows of, wherever it was', async () => {
    const at = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', metadata: { name: 'at-once' } };
    await apply(JSON.stringify({ ...at, provisioner: 'quadshift.io/local-directory', volumeBindingMode: 'Immediate' }));
    for (let round = 0; round < ROUNDS; round++) {
      const claims = Array.from({ length: 5 }, (_, i) => {
        const made = JSON.parse(claim(`killed-${round}-${i}`, { storageClassName: 'at-once' })) as object;
        const { metadata, ...rest } = made as { readonly metadata: object };
        return { ...rest, metadata: { ...metadata, labels: { e2e: 'killed' } } };
      });
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: claims });
      const work = kubectl(['apply', '-f', '-'], { input: list });
      // Somewhere in the middle of it: what matters is that it isn't at rest.
      await eventually(
        async () =>
          expect((await box.exec(['sh', '-c', 'ls /var/lib/quadshift/volumes | wc -l'])).stdout.trim()).not.toBe('0'),
        { what: 'a folder' },
      );
      await box.exec(['systemctl', 'kill', '--signal=KILL', 'quadshift.service']);
      await work;
      await eventually(async () => run('delete', 'pvc', '-l', 'e2e=killed', '--wait=false', '--ignore-not-found'), {
        what: 'the server is back',
      });
    }
    await eventually(
      async () => {
        await run('delete', 'pvc', '-l', 'e2e=killed', '--wait=false', '--ignore-not-found');
        const left = (await box.exec(['ls', '-A', '/var/lib/quadshift/volumes'])).stdout.trim();
        expect([(await volumes()).filter((v) => v.spec?.storageClassName === 'at-once'), left]).toEqual([[], '']);
      },
      { what: 'no volume and no folder is left' },
    );
  });
});
