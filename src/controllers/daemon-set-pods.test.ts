import { afterEach, describe, expect, it } from 'vitest';
import type { DaemonSet, Node, Pod } from '../kinds/types.ts';
import { HASH_LABEL } from './daemon-set/daemon-pod.ts';
import { daemonSetPods } from './daemon-set-pods.ts';
import { isDeleting, nameOf } from './meta.ts';
import { createFakeCluster, type FakeCluster, type FakeClusterOptions } from './workloads/fake-cluster.ts';

const clusters: FakeCluster[] = [];

async function cluster(options: Omit<FakeClusterOptions, 'controllers'> = {}, node: Node['spec'] = {}) {
  const made = createFakeCluster({ controllers: (o) => [daemonSetPods(o)], ...options });
  clusters.push(made);
  await made.start();
  await made.resources.nodes.create({ metadata: { name: 'host', labels: { disk: 'fast' } }, spec: node });
  return made;
}

afterEach(() => {
  for (const each of clusters.splice(0)) each.stop();
});

function daemonSet(spec: object = {}, podSpec: object = {}): DaemonSet {
  const labels = { app: 'agent' };
  const containers = [{ name: 'main', image: 'localhost/hello:1' }];
  return {
    metadata: { name: 'agent', namespace: 'default' },
    spec: {
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers, ...podSpec } },
      ...spec,
    },
  } as DaemonSet;
}

const find = (made: FakeCluster): DaemonSet | undefined => made.resources.daemonSets.find('default', 'agent');
const pods = (made: FakeCluster): readonly Pod[] => made.resources.pods.list();
const revisions = (made: FakeCluster) => made.resources.controllerRevisions.list();
const images = (made: FakeCluster) => pods(made).map((p) => p.spec?.containers[0]?.image);

async function setImage(made: FakeCluster, image: string): Promise<void> {
  await made.resources.daemonSets.modify(find(made) ?? {}, (now) => {
    if (now.spec === undefined) return now;
    const template = { ...now.spec.template, spec: { containers: [{ name: 'main', image }] } };
    return { ...now, spec: { ...now.spec, template } };
  });
}

const updated = (made: FakeCluster, image: string) => () =>
  find(made)?.status?.numberAvailable === 1 && images(made).join() === image && pods(made).every((p) => !isDeleting(p));

describe('a DaemonSet', () => {
  it('has one pod on the node, tied to it, that tolerates the troubles of nodes', async () => {
    const made = await cluster();
    await made.resources.daemonSets.create(daemonSet());
    await made.until(() => find(made)?.status?.numberAvailable === 1, 'available');
    expect(find(made)?.status).toEqual({
      currentNumberScheduled: 1,
      numberMisscheduled: 0,
      desiredNumberScheduled: 1,
      numberReady: 1,
      observedGeneration: 1,
      updatedNumberScheduled: 1,
      numberAvailable: 1,
    });
    const [pod] = pods(made);
    expect(pod?.metadata?.labels?.[HASH_LABEL]).toBe(revisions(made)[0]?.metadata?.labels?.[HASH_LABEL]);
    expect(pod?.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution).toEqual({
      nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['host'] }] }],
    });
    expect(pod?.spec?.tolerations?.map((t) => `${t.key}:${t.effect}`)).toContain(
      'node.kubernetes.io/unschedulable:NoSchedule',
    );
    expect(made.events('agent')).toEqual([`Normal SuccessfulCreate: Created pod: ${nameOf(pod ?? {})}`]);
  });

  it.each([
    ['a selector that the node lacks', {}, { nodeSelector: { disk: 'slow' } }, 0],
    ['a selector that the node has', {}, { nodeSelector: { disk: 'fast' } }, 1],
    ['a taint', { taints: [{ key: 'a', effect: 'NoSchedule' }] }, {}, 0],
    [
      'a taint that it tolerates',
      { taints: [{ key: 'a', effect: 'NoSchedule' }] },
      { tolerations: [{ operator: 'Exists' }] },
      1,
    ],
  ])('minds %s', async (_, node, podSpec, count) => {
    const made = await cluster({}, node);
    await made.resources.daemonSets.create(daemonSet({}, podSpec));
    await made.settle();
    expect([pods(made).length, find(made)?.status?.desiredNumberScheduled]).toEqual([count, count]);
  });

  it('leaves a node that gets a NoExecute taint, and stays on one with NoSchedule', async () => {
    const made = await cluster();
    await made.resources.daemonSets.create(daemonSet());
    await made.until(() => pods(made).length === 1, 'a pod');
    const taint = (effect: string) =>
      made.resources.nodes.modify({ metadata: { name: 'host' } }, (now) => ({
        ...now,
        spec: { ...now.spec, taints: [{ key: 'a', effect }] },
      }));
    await taint('NoSchedule');
    await made.settle();
    expect([pods(made).length, find(made)?.status?.numberMisscheduled]).toEqual([1, 1]);
    await taint('NoExecute');
    await made.settle();
    expect(pods(made)).toEqual([]);
  });

  it('rolls a new template: the old pod goes before the new one comes', async () => {
    const made = await cluster();
    await made.resources.daemonSets.create(daemonSet());
    await made.until(updated(made, 'localhost/hello:1'), 'first');
    await setImage(made, 'localhost/hello:2');
    await made.until(updated(made, 'localhost/hello:2'), 'second');
    expect(
      revisions(made)
        .map((r) => r.revision)
        .sort(),
    ).toEqual([1, 2]);
    await setImage(made, 'localhost/hello:1');
    await made.until(updated(made, 'localhost/hello:1'), 'back');
    expect(
      revisions(made)
        .map((r) => r.revision)
        .sort(),
    ).toEqual([2, 3]);
  });

  it('with surge keeps the old pod until the new one has been ready for long enough', async () => {
    const made = await cluster();
    const rollingUpdate = { maxSurge: 1, maxUnavailable: 0 };
    await made.resources.daemonSets.create(
      daemonSet({ minReadySeconds: 10, updateStrategy: { type: 'RollingUpdate', rollingUpdate } }),
    );
    await made.until(updated(made, 'localhost/hello:1'), 'first');
    await setImage(made, 'localhost/hello:2');
    await made.until(() => pods(made).length === 2, 'both run');
    await made.pass(8_000);
    expect(images(made).sort()).toEqual(['localhost/hello:1', 'localhost/hello:2']);
    await made.until(updated(made, 'localhost/hello:2'), 'second');
  });

  it('with OnDelete waits for somebody to delete the old pod', async () => {
    const made = await cluster();
    await made.resources.daemonSets.create(daemonSet({ updateStrategy: { type: 'OnDelete' } }));
    await made.until(updated(made, 'localhost/hello:1'), 'first');
    await setImage(made, 'localhost/hello:2');
    await made.settle();
    expect(images(made)).toEqual(['localhost/hello:1']);
    expect(find(made)?.status?.updatedNumberScheduled).toBeUndefined();
    await made.resources.pods.delete(pods(made)[0] ?? {});
    await made.until(updated(made, 'localhost/hello:2'), 'second');
  });

  it('keeps as many old revisions as it shall', async () => {
    const made = await cluster();
    await made.resources.daemonSets.create(daemonSet({ revisionHistoryLimit: 1 }));
    for (const version of [1, 2, 3, 4]) {
      await setImage(made, `localhost/hello:${version}`);
      await made.until(updated(made, `localhost/hello:${version}`), `version ${version}`);
    }
    await made.settle();
    expect(
      revisions(made)
        .map((r) => r.revision)
        .sort(),
    ).toEqual([3, 4]);
  });

  it('replaces failed pods with growing pauses', async () => {
    const failed = new Set<string>();
    const made = await cluster({
      fate: (pod) => {
        failed.add(nameOf(pod));
        return 'Failed';
      },
    });
    await made.resources.daemonSets.create(daemonSet());
    for (let i = 0; i < 60; i++) await made.pass(1000);
    expect(failed.size).toBeGreaterThan(3);
    expect(failed.size).toBeLessThan(9);
    expect(
      made.events('agent').some((e) => /^Warning FailedDaemonPod: Found failed daemon pod default\/agent-/.test(e)),
    ).toBe(true);
  });
});
