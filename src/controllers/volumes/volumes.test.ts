import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeLocalVolumes, type FakeLocalVolumes } from '../../host/fake-local-volumes.ts';
import { catalogue } from '../../kinds/catalogue.ts';
import type { Event, Node, PersistentVolume, PersistentVolumeClaim, Pod, StorageClass } from '../../kinds/types.ts';
import { createFakeRegistry } from '../../registry/fake-registry.ts';
import { createEventRecorder, type EventRecorder } from '../events.ts';
import { createFakeClock } from '../fake-clock.ts';
import { persistentVolumeBinding } from '../persistent-volume-binding.ts';
import { planScheduling } from '../pod-scheduling.ts';
import { createResources, type Resource, type Resources } from '../resources.ts';
import { type Runtime, startRuntime } from '../runtime.ts';
import { loadOf } from '../scheduling/node-load.ts';
import { storageProtection } from '../storage-protection.ts';
import { volumeExpansion } from '../volume-expansion.ts';
import { volumeProvisioning } from '../volume-provisioning.ts';
import { assignVolumes, gatherPodVolumes } from './assign-volumes.ts';
import { LOCAL_PROVISIONER } from './volume-facts.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const ROOT = '/srv/volumes';
const node = { metadata: { name: 'host', labels: { 'kubernetes.io/hostname': 'host' } } } as Node;

let resources: Resources;
let recorder: EventRecorder;
let folders: FakeLocalVolumes;
let registry: ReturnType<typeof createFakeRegistry>;
let runtime: Runtime;
let stop: AbortController;

async function start(): Promise<void> {
  stop?.abort();
  stop = new AbortController();
  const shared = { resources, recorder };
  const controllers = [
    persistentVolumeBinding(shared),
    volumeProvisioning({ ...shared, folders, nodeName: 'host', defaultRoot: ROOT }),
    volumeExpansion({ ...shared, folders }),
    storageProtection({ registry }),
  ];
  runtime = startRuntime(controllers, { registry, clock: createFakeClock(), log, signal: stop.signal });
  await settle();
}

async function settle(): Promise<void> {
  await runtime.idle();
  await recorder.flush();
  await runtime.idle();
}

beforeEach(async () => {
  registry = createFakeRegistry(catalogue);
  resources = createResources(registry);
  recorder = createEventRecorder({ events: resources.events, clock: createFakeClock(), log, host: 'host' });
  folders = createFakeLocalVolumes();
  await resources.namespaces.create({ metadata: { name: 'shop' } });
  await start();
});
afterEach(() => stop.abort());

const claim = (name: string, spec: object = {}): PersistentVolumeClaim => ({
  metadata: { name, namespace: 'shop', finalizers: ['kubernetes.io/pvc-protection'] },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } }, ...spec },
});

const volume = (name: string, storage: string, spec: object = {}): PersistentVolume => ({
  metadata: { name, labels: { disk: name } },
  spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], hostPath: { path: `/srv/${name}` }, ...spec },
});

const storageClass = (name: string, more: Partial<StorageClass> = {}): StorageClass => ({
  metadata: { name },
  provisioner: LOCAL_PROVISIONER,
  volumeBindingMode: 'Immediate',
  reclaimPolicy: 'Delete',
  ...more,
});

async function make<T extends object>(resource: Resource<T & object>, ...objects: readonly T[]): Promise<void> {
  for (const object of objects) await resource.create(object);
  await settle();
}

const theClaim = (name: string) => resources.persistentVolumeClaims.find('shop', name);
const theVolume = (name: string) => resources.persistentVolumes.find('', name);
const provisioned = () => resources.persistentVolumes.list()[0];

function said(name: string): readonly string[] {
  const about = resources.events.list().filter((event: Event) => event.involvedObject.name === name);
  return about.map(({ type, reason, message }) => `${type} ${reason}: ${message}`).sort();
}

describe('static volumes', () => {
  it('go to a claim by size, class, modes and labels: the smallest that will do', async () => {
    await make(
      resources.persistentVolumes,
      volume('big', '5Gi'),
      volume('small', '2Gi'),
      volume('tiny', '1Mi'),
      volume('classy', '1Gi', { storageClassName: 'fast' }),
      volume('device', '1Gi', { volumeMode: 'Block' }),
    );
    await make(resources.persistentVolumeClaims, claim('data', { storageClassName: '' }));
    expect(theClaim('data')).toMatchObject({
      spec: { volumeName: 'small' },
      status: { phase: 'Bound', capacity: { storage: '2Gi' }, accessModes: ['ReadWriteOnce'] },
      metadata: {
        annotations: { 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' },
      },
    });
    expect(theVolume('small')).toMatchObject({
      spec: {
        claimRef: {
          kind: 'PersistentVolumeClaim',
          namespace: 'shop',
          name: 'data',
          uid: theClaim('data')?.metadata?.uid,
        },
      },
      status: { phase: 'Bound' },
    });
    expect(theVolume('big')?.status?.phase).toBe('Available');
    const selector = { matchLabels: { disk: 'big' } };
    await make(resources.persistentVolumeClaims, claim('chosen', { storageClassName: '', selector }));
    expect(theClaim('chosen')?.spec?.volumeName).toBe('big');
  });

  it('come when there is one: until then the claim waits and says so', async () => {
    await make(resources.persistentVolumeClaims, claim('data', { storageClassName: '' }));
    expect(theClaim('data')?.status?.phase).toBe('Pending');
    expect(said('data')).toEqual([
      'Normal FailedBinding: no persistent volumes available for this claim and no storage class is set',
    ]);
    await make(resources.persistentVolumes, volume('late', '1Gi'));
    expect(theClaim('data')?.status?.phase).toBe('Bound');
  });

  it('can be asked for by name, by either side', async () => {
    const claimRef = { namespace: 'shop', name: 'wanted' };
    await make(resources.persistentVolumes, volume('a', '1Gi', { claimRef }), volume('b', '1Gi'));
    expect(theVolume('a')?.status?.phase).toBe('Available');
    await make(resources.persistentVolumeClaims, claim('other', { storageClassName: '', volumeName: 'a' }));
    expect(said('other')).toEqual(['Warning FailedBinding: volume "a" already bound to a different claim.']);
    await make(resources.persistentVolumeClaims, claim('wanted', { storageClassName: '' }));
    expect(theClaim('wanted')?.spec?.volumeName).toBe('a');
    expect(theVolume('a')?.metadata?.annotations).toBeUndefined();
    const big = { requests: { storage: '9Gi' } };
    await make(
      resources.persistentVolumeClaims,
      claim('greedy', { storageClassName: '', volumeName: 'b', resources: big }),
    );
    expect(said('greedy')).toEqual([
      'Warning VolumeMismatch: Cannot bind to requested volume "b": requested PV is too small',
    ]);
  });

  it('are released with their claim, and a claim whose volume goes is lost', async () => {
    await make(
      resources.persistentVolumes,
      volume('a', '1Gi'),
      volume('b', '1Gi', { persistentVolumeReclaimPolicy: 'Delete' }),
    );
    await make(resources.persistentVolumeClaims, claim('x', { storageClassName: '', volumeName: 'a' }));
    await make(resources.persistentVolumeClaims, claim('y', { storageClassName: '', volumeName: 'b' }));
    await resources.persistentVolumeClaims.delete(claim('x'));
    await resources.persistentVolumeClaims.delete(claim('y'));
    await settle();
    expect(theVolume('a')?.status?.phase).toBe('Released');
    expect(theVolume('b')?.status).toMatchObject({
      phase: 'Failed',
      message: 'error getting deleter volume plugin for volume "b": no deletable volume plugin matched',
    });
    await make(resources.persistentVolumes, volume('c', '1Gi'));
    await make(resources.persistentVolumeClaims, claim('z', { storageClassName: '', volumeName: 'c' }));
    const unprotected = { name: 'c', finalizers: [] };
    await resources.persistentVolumes.modify(volume('c', '1Gi'), (now) => ({
      ...now,
      metadata: { ...now.metadata, ...unprotected },
    }));
    await resources.persistentVolumes.delete(volume('c', '1Gi'));
    await settle();
    expect(theClaim('z')?.status).toEqual({ phase: 'Lost' });
    expect(said('z')).toEqual([
      'Warning ClaimLost: Bound claim has lost its PersistentVolume. Data on the volume is lost!',
    ]);
  });

  it('are bound whole, whatever write the process dies after', async () => {
    await make(resources.persistentVolumes, volume('a', '1Gi'));
    const made = await resources.persistentVolumeClaims.create(claim('data', { storageClassName: '' }));
    stop.abort();
    await resources.persistentVolumes.modify(volume('a', '1Gi'), (now) =>
      now.spec
        ? { ...now, spec: { ...now.spec, claimRef: { namespace: 'shop', name: 'data', uid: made.metadata?.uid } } }
        : now,
    );
    await start();
    expect([theClaim('data')?.status?.phase, theVolume('a')?.status?.phase]).toEqual(['Bound', 'Bound']);
  });
});

describe('volumes on demand', () => {
  it('are folders, made at once or for the pod, and deleted with the claim', async () => {
    await make(resources.storageClasses, storageClass('now'));
    await make(resources.persistentVolumeClaims, claim('data', { storageClassName: 'now' }));
    const path = `${ROOT}/pvc-${theClaim('data')?.metadata?.uid}_shop_data`;
    expect([...folders.folders.keys()]).toEqual([path]);
    expect(folders.limits.get(path)).toBe(2 ** 30);
    expect(provisioned()).toMatchObject({
      spec: { local: { path }, capacity: { storage: '1Gi' }, persistentVolumeReclaimPolicy: 'Delete' },
      status: { phase: 'Bound' },
    });
    expect(theClaim('data')?.status).toMatchObject({ phase: 'Bound', capacity: { storage: '1Gi' } });
    await resources.persistentVolumeClaims.delete(claim('data'));
    await settle();
    expect([resources.persistentVolumes.list(), [...folders.folders.keys()]]).toEqual([[], []]);
  });

  it('stay with their data under the policy Retain', async () => {
    await make(resources.storageClasses, storageClass('keep', { reclaimPolicy: 'Retain' }));
    await make(resources.persistentVolumeClaims, claim('data', { storageClassName: 'keep' }));
    await resources.persistentVolumeClaims.delete(claim('data'));
    await settle();
    expect(provisioned()?.status?.phase).toBe('Released');
    expect(folders.folders.size).toBe(1);
  });

  it('of a class that is the default one now go to claims that named none', async () => {
    await make(resources.persistentVolumeClaims, claim('early'));
    expect(theClaim('early')?.spec?.storageClassName).toBeUndefined();
    const annotations = { 'storageclass.kubernetes.io/is-default-class': 'true' };
    await make(resources.storageClasses, storageClass('now', { metadata: { name: 'now', annotations } }));
    expect(theClaim('early')).toMatchObject({ spec: { storageClassName: 'now' }, status: { phase: 'Bound' } });
  });

  it('that a folder cannot be are refused, and classes that are not there waited for', async () => {
    await make(resources.storageClasses, storageClass('now', { parameters: { type: 'ssd' } }));
    await make(resources.persistentVolumeClaims, claim('a', { storageClassName: 'now' }));
    await make(resources.persistentVolumeClaims, claim('b', { storageClassName: 'none' }));
    expect(said('a')).toContain(
      'Warning ProvisioningFailed: failed to provision volume with StorageClass "now": unknown parameter "type": only "path" is known',
    );
    expect(said('b')).toEqual(['Warning ProvisioningFailed: storageclass.storage.k8s.io "none" not found']);
  });

  it('say that their size is not held where the file system cannot', async () => {
    folders = createFakeLocalVolumes({ enforced: false, why: 'no quotas here' });
    await start();
    await make(resources.storageClasses, storageClass('now'));
    await make(resources.persistentVolumeClaims, claim('data', { storageClassName: 'now' }));
    expect(said('data')).toContain(
      'Warning VolumeSizeNotEnforced: The volume may outgrow its capacity: no quotas here',
    );
  });

  it('leave no folder behind when the process dies between folder and object', async () => {
    await folders.begin({ root: ROOT, name: 'pvc-gone_shop_data' });
    await folders.begin({ root: ROOT, name: 'pvc-full_shop_data' });
    folders.folders.get(`${ROOT}/pvc-full_shop_data`)?.push('a file');
    await start();
    expect([...folders.folders.keys()]).toEqual([`${ROOT}/pvc-full_shop_data`]);
  });

  it('grow when their claim does', async () => {
    await make(resources.storageClasses, storageClass('now', { allowVolumeExpansion: true }));
    await make(resources.persistentVolumeClaims, claim('data', { storageClassName: 'now' }));
    await resources.persistentVolumeClaims.modify(claim('data'), (now) =>
      now.spec ? { ...now, spec: { ...now.spec, resources: { requests: { storage: '3Gi' } } } } : now,
    );
    await settle();
    expect(theClaim('data')?.status?.capacity).toEqual({ storage: '3Gi' });
    expect(provisioned()?.spec?.capacity).toEqual({ storage: '3Gi' });
    expect([...folders.limits.values()]).toEqual([3 * 2 ** 30]);
  });
});

describe('the scheduler', () => {
  const pod = (...claims: readonly string[]): Pod => ({
    metadata: { name: 'p', namespace: 'shop', uid: 'p' },
    spec: {
      containers: [{ name: 'main' }],
      volumes: claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })),
    },
  });
  const plan = (of: Pod) =>
    planScheduling(of, { node, load: loadOf([]), bound: () => [], volumes: gatherPodVolumes(of, node, resources) });
  const refused = (why: string) => ({
    action: 'refuse',
    message: `0/1 nodes are available: ${why}. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.`,
  });

  it('waits for claims that are bound without it', async () => {
    expect(plan(pod('data'))).toEqual(refused('persistentvolumeclaim "data" not found'));
    await make(resources.persistentVolumeClaims, claim('data', { storageClassName: '' }));
    expect(plan(pod('data'))).toEqual(refused('pod has unbound immediate PersistentVolumeClaims'));
    await make(resources.persistentVolumes, volume('a', '1Gi'));
    expect(plan(pod('data'))).toEqual({ action: 'bind' });
  });

  it('has volumes made for claims that wait for it, and binds the pod when they are there', async () => {
    await make(resources.storageClasses, storageClass('later', { volumeBindingMode: 'WaitForFirstConsumer' }));
    await make(resources.persistentVolumeClaims, claim('data', { storageClassName: 'later' }));
    expect(theClaim('data')?.status?.phase).toBe('Pending');
    const first = plan(pod('data'));
    expect(first).toMatchObject({ action: 'assign-volumes' });
    if (first.action === 'assign-volumes') await assignVolumes(first.assignments, 'host', resources);
    await settle();
    expect(theClaim('data')?.metadata?.annotations).toMatchObject({ 'volume.kubernetes.io/selected-node': 'host' });
    expect(plan(pod('data'))).toEqual({ action: 'bind' });
  });

  it('gives two claims of a pod two static volumes, or says that there are none', async () => {
    const delayed = { provisioner: 'kubernetes.io/no-provisioner', volumeBindingMode: 'WaitForFirstConsumer' };
    await make(resources.storageClasses, storageClass('disks', delayed));
    const spec = { storageClassName: 'disks' };
    await make(resources.persistentVolumeClaims, claim('x', spec), claim('y', spec));
    await make(resources.persistentVolumes, volume('a', '1Gi', spec));
    expect(plan(pod('x', 'y'))).toEqual(refused("1 node(s) didn't find available persistent volumes to bind"));
    await make(resources.persistentVolumes, volume('b', '1Gi', spec));
    const found = plan(pod('x', 'y'));
    if (found.action === 'assign-volumes') await assignVolumes(found.assignments, 'host', resources);
    await settle();
    expect([theClaim('x')?.spec?.volumeName, theClaim('y')?.spec?.volumeName].sort()).toEqual(['a', 'b']);
  });

  it('lets only one pod use a ReadWriteOncePod claim, and none a volume of another node', async () => {
    const spec = { storageClassName: '', accessModes: ['ReadWriteOncePod'] };
    const elsewhere = { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['other'] }] };
    const nodeAffinity = { required: { nodeSelectorTerms: [elsewhere] } };
    await make(resources.persistentVolumes, volume('a', '1Gi', { accessModes: ['ReadWriteOncePod'] }));
    await make(resources.persistentVolumes, volume('b', '1Gi', { nodeAffinity }));
    await make(resources.persistentVolumeClaims, claim('solo', spec), claim('far', { storageClassName: '' }));
    const holder = { ...pod('solo'), metadata: { name: 'holder', namespace: 'shop' } };
    await make(resources.pods, {
      ...holder,
      spec: { containers: [{ name: 'm', image: 'i' }], volumes: holder.spec?.volumes, nodeName: 'host' },
    });
    expect(plan(pod('solo'))).toMatchObject({
      message: expect.stringContaining('ReadWriteOncePod access mode already in-use'),
    });
    expect(plan(pod('far'))).toEqual(refused("1 node(s) didn't match PersistentVolume's node affinity"));
  });
});
