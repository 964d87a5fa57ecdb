import { afterEach, expect, it } from 'vitest';
import type { Pod } from '../kinds/types.ts';
import { nameOf } from './meta.ts';
import { podGarbageCollection } from './pod-garbage-collection.ts';
import { createFakeCluster, type FakeCluster } from './workloads/fake-cluster.ts';

let cluster: FakeCluster;

async function begin(fate: 'Succeeded' | 'Ready'): Promise<FakeCluster> {
  cluster = createFakeCluster({
    controllers: ({ resources, clock }) => [podGarbageCollection({ resources, clock, threshold: 2 })],
    fate: () => fate,
  });
  await cluster.start();
  return cluster;
}

afterEach(() => cluster.stop());

const pod = (name: string, spec: object = {}): Pod => ({
  metadata: { name, namespace: 'default' },
  spec: { containers: [{ name: 'main', image: 'localhost/hello:1' }], restartPolicy: 'Never', ...spec },
});
const names = (): readonly string[] => cluster.resources.pods.list().map(nameOf);

it('keeps so many pods that have ended, and of the others those that were evicted go first', async () => {
  const { resources, settle, clock } = await begin('Succeeded');
  await resources.nodes.create({ metadata: { name: 'host' } });
  for (const name of ['old', 'evicted']) {
    const made = await resources.pods.create(pod(name, { nodeName: 'host' }));
    const reason = name === 'evicted' ? { reason: 'Evicted' } : {};
    await resources.pods.modify(made, (now) => ({ ...now, status: { phase: 'Failed', ...reason } }), 'status');
    clock.advance(1000);
  }
  await resources.pods.create(pod('new'));
  await settle();
  expect(names()).toEqual(['new', 'old']);
});

it('deletes the pods of a node that is gone, when it has been so for a while', async () => {
  const { resources, settle, pass } = await begin('Ready');
  const node = await resources.nodes.create({ metadata: { name: 'host' } });
  await resources.pods.create(pod('left'));
  await settle();
  await resources.nodes.delete(node);
  await settle();
  await pass(30_000);
  expect(names()).toEqual(['left']);
  await pass(11_000);
  expect(names()).toEqual([]);
});
