import { afterEach, describe, expect, it } from 'vitest';
import type { Pod, StatefulSet } from '../kinds/types.ts';
import { isDeleting, nameOf } from './meta.ts';
import { statefulSetPods } from './stateful-set-pods.ts';
import { createFakeCluster, type FakeCluster, type FakeClusterOptions } from './workloads/fake-cluster.ts';
import { isPodReady } from './workloads/pod-facts.ts';

const clusters: FakeCluster[] = [];

async function cluster(options: Omit<FakeClusterOptions, 'controllers'> = {}): Promise<FakeCluster> {
  const made = createFakeCluster({ controllers: (o) => [statefulSetPods(o)], ...options });
  clusters.push(made);
  await made.start();
  return made;
}

afterEach(() => {
  for (const each of clusters.splice(0)) each.stop();
});

function statefulSet(spec: object = {}): StatefulSet {
  const labels = { app: 'db' };
  const containers = [{ name: 'main', image: 'localhost/hello:1' }];
  const template = { metadata: { labels }, spec: { containers } };
  return {
    metadata: { name: 'db', namespace: 'default' },
    spec: { replicas: 3, serviceName: 'db', selector: { matchLabels: labels }, template, ...spec },
  } as StatefulSet;
}

const volumeClaimTemplates = [
  { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
];

const find = (made: FakeCluster): StatefulSet | undefined => made.resources.statefulSets.find('default', 'db');
const pods = (made: FakeCluster): readonly Pod[] =>
  [...made.resources.pods.list()].sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1));
const images = (made: FakeCluster): string =>
  pods(made)
    .map((p) => `${nameOf(p).at(-1)}:${p.spec?.containers[0]?.image?.at(-1)}`)
    .join(' ');
const settledAt = (made: FakeCluster, wanted: string) => () =>
  images(made) === wanted && pods(made).every((p) => isPodReady(p) && !isDeleting(p));

async function change(made: FakeCluster, spec: Partial<NonNullable<StatefulSet['spec']>>): Promise<void> {
  await made.resources.statefulSets.modify(
    find(made) ?? {},
    (now) => now.spec && { ...now, spec: { ...now.spec, ...spec } },
  );
}

async function setImage(made: FakeCluster, image: string): Promise<void> {
  const template = find(made)?.spec?.template;
  await change(made, { template: { ...template, spec: { containers: [{ name: 'main', image }] } } });
}

describe('a StatefulSet', () => {
  it('starts its pods one after the other, each with its identity', async () => {
    const ready = new Set<string>();
    const made = await cluster({ fate: (pod) => (ready.has(nameOf(pod)) ? 'Ready' : 'Running') });
    await made.resources.statefulSets.create(statefulSet());
    for (const wanted of ['db-0', 'db-1', 'db-2']) {
      await made.until(() => pods(made).at(-1)?.metadata?.name === wanted, `${wanted} comes`);
      ready.add(wanted);
      await made.resources.pods.modify(pods(made).at(-1) ?? {}, (p) => ({
        ...p,
        metadata: { ...p.metadata, annotations: { look: 'again' } },
      }));
    }
    await made.until(() => find(made)?.status?.availableReplicas === 3, 'available');
    const revision = find(made)?.status?.updateRevision ?? '';
    expect(find(made)?.status).toEqual({
      observedGeneration: 1,
      replicas: 3,
      readyReplicas: 3,
      currentReplicas: 3,
      updatedReplicas: 3,
      availableReplicas: 3,
      currentRevision: revision,
      updateRevision: revision,
      collisionCount: 0,
    });
    const [first] = pods(made);
    expect(first?.spec).toMatchObject({ hostname: 'db-0', subdomain: 'db' });
    expect(first?.metadata?.labels).toEqual({
      app: 'db',
      'controller-revision-hash': revision,
      'statefulset.kubernetes.io/pod-name': 'db-0',
      'apps.kubernetes.io/pod-index': '0',
    });
    expect(made.events('db')).toContain('Normal SuccessfulCreate: create Pod db-0 in StatefulSet db successful');
  });

  it('does not start the next pod while one is not ready, unless it is parallel', async () => {
    const made = await cluster({ fate: () => 'Running' });
    await made.resources.statefulSets.create(statefulSet());
    await made.settle();
    expect(pods(made).map(nameOf)).toEqual(['db-0']);
    const parallel = await cluster({ fate: () => 'Running' });
    await parallel.resources.statefulSets.create(statefulSet({ podManagementPolicy: 'Parallel' }));
    await parallel.settle();
    expect(pods(parallel).map(nameOf)).toEqual(['db-0', 'db-1', 'db-2']);
  });

  it('shrinks from the highest ordinal, one at a time', async () => {
    const lingering = new Set(['db-1', 'db-2']);
    const made = await cluster({ lingers: (pod) => lingering.has(nameOf(pod)) });
    await made.resources.statefulSets.create(statefulSet());
    await made.until(settledAt(made, '0:1 1:1 2:1'), 'three pods');
    await change(made, { replicas: 1 });
    const going = () => pods(made).filter(isDeleting).map(nameOf);
    await made.until(() => going().length > 0, 'one goes');
    expect(going()).toEqual(['db-2']);
    lingering.delete('db-2');
    await made.resources.pods.delete(pods(made)[2] ?? {}, { gracePeriodSeconds: 0 });
    await made.until(() => going().includes('db-1'), 'the next goes');
    expect(pods(made).map(nameOf)).toEqual(['db-0', 'db-1']);
  });

  it('rolls a new template from the highest ordinal, and back', async () => {
    const made = await cluster();
    await made.resources.statefulSets.create(statefulSet());
    await made.until(settledAt(made, '0:1 1:1 2:1'), 'three pods');
    await setImage(made, 'localhost/hello:2');
    await made.until(settledAt(made, '0:2 1:2 2:2'), 'updated');
    await made.settle();
    const { currentRevision, updateRevision, updatedReplicas } = find(made)?.status ?? {};
    expect([currentRevision === updateRevision, updatedReplicas]).toEqual([true, 3]);
    await setImage(made, 'localhost/hello:1');
    await made.until(settledAt(made, '0:1 1:1 2:1'), 'rolled back');
    expect(
      made.resources.controllerRevisions
        .list()
        .map((r) => r.revision)
        .sort(),
    ).toEqual([2, 3]);
  });

  it('leaves pods below the partition as they are, even when they are made anew', async () => {
    const made = await cluster();
    const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition: 2 } };
    await made.resources.statefulSets.create(statefulSet({ updateStrategy }));
    await made.until(settledAt(made, '0:1 1:1 2:1'), 'three pods');
    await setImage(made, 'localhost/hello:2');
    await made.until(settledAt(made, '0:1 1:1 2:2'), 'one is updated');
    await made.resources.pods.delete(pods(made)[0] ?? {});
    await made.settle();
    await made.until(settledAt(made, '0:1 1:1 2:2'), 'the first is back');
    expect(find(made)?.status).toMatchObject({ currentReplicas: 2, updatedReplicas: 1 });
    await change(made, { updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } } });
    await made.until(settledAt(made, '0:2 1:2 2:2'), 'all are updated');
  });

  it('with OnDelete updates what somebody deletes', async () => {
    const made = await cluster();
    await made.resources.statefulSets.create(statefulSet({ updateStrategy: { type: 'OnDelete' } }));
    await made.until(settledAt(made, '0:1 1:1 2:1'), 'three pods');
    await setImage(made, 'localhost/hello:2');
    await made.pass(5_000);
    expect(images(made)).toBe('0:1 1:1 2:1');
    await made.resources.pods.delete(pods(made)[1] ?? {});
    await made.until(settledAt(made, '0:1 1:2 2:1'), 'one is updated');
  });

  it('counts from its first ordinal', async () => {
    const made = await cluster();
    await made.resources.statefulSets.create(statefulSet({ replicas: 2, ordinals: { start: 5 } }));
    await made.until(settledAt(made, '5:1 6:1'), 'two pods');
    await change(made, { ordinals: { start: 6 } });
    await made.until(settledAt(made, '6:1 7:1'), 'moved');
  });

  it('makes a failed pod anew', async () => {
    const failed = new Set<string>();
    const made = await cluster({
      fate: (pod) => {
        if (failed.size > 0) return 'Ready';
        failed.add(nameOf(pod));
        return 'Failed';
      },
    });
    await made.resources.statefulSets.create(statefulSet({ replicas: 1 }));
    await made.until(settledAt(made, '0:1'), 'ready');
    expect(made.events('db')).toContain(
      'Warning RecreatingFailedPod: StatefulSet default/db is recreating failed Pod db-0',
    );
  });

  it('waits minReadySeconds between pods', async () => {
    const made = await cluster();
    await made.resources.statefulSets.create(statefulSet({ replicas: 2, minReadySeconds: 30 }));
    await made.settle();
    await made.pass(25_000);
    expect(images(made)).toBe('0:1');
    await made.pass(6_000);
    expect(images(made)).toBe('0:1 1:1');
  });
});

describe('claims of a StatefulSet', () => {
  const claims = (made: FakeCluster) => made.resources.persistentVolumeClaims.list().map(nameOf).sort();

  it('are made for each pod, mounted by it, and kept when the set shrinks', async () => {
    const made = await cluster();
    await made.resources.statefulSets.create(statefulSet({ volumeClaimTemplates, replicas: 2 }));
    await made.until(settledAt(made, '0:1 1:1'), 'two pods');
    expect(claims(made)).toEqual(['data-db-0', 'data-db-1']);
    expect(pods(made)[1]?.spec?.volumes?.[0]).toEqual({
      name: 'data',
      persistentVolumeClaim: { claimName: 'data-db-1' },
    });
    expect(made.events('db')).toContain(
      'Normal SuccessfulCreate: create Claim data-db-0 Pod db-0 in StatefulSet db success',
    );
    await change(made, { replicas: 0 });
    await made.until(() => pods(made).length === 0, 'no pods');
    expect(claims(made)).toEqual(['data-db-0', 'data-db-1']);
  });

  it('go when the set shrinks or is deleted, where the policy says so', async () => {
    const made = await cluster();
    const persistentVolumeClaimRetentionPolicy = { whenScaled: 'Delete', whenDeleted: 'Delete' };
    await made.resources.statefulSets.create(
      statefulSet({ volumeClaimTemplates, replicas: 2, persistentVolumeClaimRetentionPolicy }),
    );
    await made.until(settledAt(made, '0:1 1:1'), 'two pods');
    await change(made, { replicas: 1 });
    await made.until(() => claims(made).length === 1, 'one claim goes');
    expect(claims(made)).toEqual(['data-db-0']);
    await change(made, { replicas: 2 });
    await made.until(settledAt(made, '0:1 1:1'), 'two pods again');
    expect(claims(made)).toEqual(['data-db-0', 'data-db-1']);
    await made.resources.statefulSets.delete(find(made) ?? {});
    await made.until(() => claims(made).length === 0, 'all claims go');
  });
});

it('ends the same wherever the process dies while a StatefulSet rolls and shrinks', { timeout: 60_000 }, async () => {
  const begin = async (crashAfter?: number): Promise<FakeCluster> => {
    const made = await cluster();
    await made.resources.statefulSets.create(statefulSet());
    await made.until(settledAt(made, '0:1 1:1 2:1'), 'three pods');
    if (crashAfter !== undefined) await made.start(crashAfter);
    await setImage(made, 'localhost/hello:2');
    await change(made, { replicas: 2 });
    return made;
  };
  const calm = await begin();
  const before = calm.writes;
  await calm.until(settledAt(calm, '0:2 1:2'), 'rolled');
  await calm.settle();
  for (let crash = 0; crash < calm.writes - before; crash++) {
    const made = await begin(crash);
    await made.pass(2_000);
    await made.start();
    await made.until(settledAt(made, '0:2 1:2'), `rolled after a crash at write ${crash}`);
    await made.settle();
    expect(find(made)?.status).toEqual({ ...find(calm)?.status, observedGeneration: expect.any(Number) });
    made.stop();
  }
});
