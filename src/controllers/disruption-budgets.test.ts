import { afterEach, describe, expect, it } from 'vitest';
import { catalogue } from '../kinds/catalogue.ts';
import type { Pod, PodDisruptionBudget, ReplicaSet } from '../kinds/types.ts';
import { StatusError } from '../machinery/status-error.ts';
import { createFakeRegistry } from '../registry/fake-registry.ts';
import { disruptionBudgets } from './disruption-budgets.ts';
import { createFakeClock } from './fake-clock.ts';
import { controllerReference, nameOf } from './meta.ts';
import { podSubresourceHandlers } from './pod-subresources.ts';
import { replicaSetReplicas } from './replica-set-replicas.ts';
import { createFakeCluster, type FakeCluster, type FakeClusterOptions } from './workloads/fake-cluster.ts';

const clusters: FakeCluster[] = [];
const labels = { app: 'web' };
const selector = { matchLabels: labels };
const spec = { containers: [{ name: 'main', image: 'localhost/hello:1' }] };

async function cluster(options: Omit<FakeClusterOptions, 'controllers'> = {}): Promise<FakeCluster> {
  const made = createFakeCluster({ controllers: (o) => [replicaSetReplicas(o), disruptionBudgets(o)], ...options });
  clusters.push(made);
  await made.start();
  const template = { metadata: { labels }, spec };
  await made.resources.replicaSets.create({
    metadata: { name: 'web', namespace: 'default' },
    spec: { replicas: 3, selector, template },
  } as ReplicaSet);
  await made.settle();
  return made;
}

afterEach(() => {
  for (const each of clusters.splice(0)) each.stop();
});

async function budget(made: FakeCluster, given: object): Promise<void> {
  await made.resources.podDisruptionBudgets.create({
    metadata: { name: 'web', namespace: 'default' },
    spec: { selector, ...given },
  });
  await made.settle();
}

const find = (made: FakeCluster): PodDisruptionBudget | undefined =>
  made.resources.podDisruptionBudgets.find('default', 'web');
const allowed = (made: FakeCluster) => find(made)?.status?.disruptionsAllowed;
const pods = (made: FakeCluster): readonly Pod[] => made.resources.pods.list();
const user = { name: 'me', groups: [] };

function evict(made: FakeCluster, pod: Pod, body: object = {}): Promise<unknown> {
  const handler = podSubresourceHandlers({ registry: made.registry, clock: made.clock })['pods/eviction'];
  return handler({ key: { namespace: 'default', name: nameOf(pod) }, body, options: { user } });
}

async function refusal(work: Promise<unknown>): Promise<StatusError['status']> {
  try {
    await work;
  } catch (error) {
    if (error instanceof StatusError) return error.status;
    throw error;
  }
  throw new Error('nothing was refused');
}

describe('the status of a PodDisruptionBudget', () => {
  it.each([
    [{ minAvailable: 2 }, 2, 1],
    [{ minAvailable: '50%' }, 2, 1],
    [{ maxUnavailable: 1 }, 2, 1],
    [{ maxUnavailable: '34%' }, 1, 2],
    [{ maxUnavailable: 0 }, 3, 0],
  ])('with %j wants %i pods and lets %i go', async (given, desiredHealthy, disruptionsAllowed) => {
    const made = await cluster();
    await budget(made, given);
    expect(find(made)?.status).toMatchObject({
      currentHealthy: 3,
      expectedPods: 3,
      desiredHealthy,
      disruptionsAllowed,
    });
    const [condition] = find(made)?.status?.conditions ?? [];
    expect([condition?.type, condition?.status, condition?.reason]).toEqual(
      disruptionsAllowed > 0
        ? ['DisruptionAllowed', 'True', 'SufficientPods']
        : ['DisruptionAllowed', 'False', 'InsufficientPods'],
    );
  });

  it('counts ready pods only', async () => {
    const made = await cluster({ fate: () => 'Running' });
    await budget(made, { minAvailable: 1 });
    expect(find(made)?.status).toMatchObject({ currentHealthy: 0, desiredHealthy: 1, disruptionsAllowed: 0 });
  });

  it('says so when a controller of the pods has no scale', async () => {
    const made = await cluster();
    const template = { spec: { ...spec, restartPolicy: 'Never' } };
    const job = await made.resources.jobs.create({ metadata: { name: 'j', namespace: 'default' }, spec: { template } });
    const ownerReferences = [controllerReference(job, { apiVersion: 'batch/v1', kind: 'Job' })];
    await made.resources.pods.create({ metadata: { name: 'p', namespace: 'default', labels, ownerReferences }, spec });
    await budget(made, { maxUnavailable: 1 });
    expect(find(made)?.status?.conditions?.[0]).toMatchObject({
      reason: 'SyncFailed',
      message: 'jobs.batch does not implement the scale subresource',
    });
  });
});

describe('an eviction', () => {
  it('deletes a pod within the budget, is refused beyond it, and allowed again when the pod was replaced', async () => {
    const lingering = new Set<string>();
    const made = await cluster({ lingers: (pod) => lingering.has(nameOf(pod)) });
    await budget(made, { minAvailable: 2 });
    const [first, second] = pods(made);
    lingering.add(nameOf(first ?? {}));
    await evict(made, first ?? {});
    const status = await refusal(evict(made, second ?? {}));
    expect(status).toMatchObject({
      code: 429,
      reason: 'TooManyRequests',
      message: "Cannot evict pod as it would violate the pod's disruption budget.",
      details: {
        causes: [
          { reason: 'DisruptionBudget', message: 'The disruption budget web needs 2 healthy pods and has 2 currently' },
        ],
      },
    });
    expect(made.resources.pods.find('default', nameOf(first ?? {}))?.status?.conditions).toContainEqual(
      expect.objectContaining({ type: 'DisruptionTarget', reason: 'EvictionByEvictionAPI' }),
    );
    lingering.clear();
    await made.resources.pods.delete(first ?? {}, { gracePeriodSeconds: 0 });
    await made.settle();
    expect(allowed(made)).toBe(1);
    await evict(made, second ?? {});
  });

  it('lets an unready pod go while enough others are ready', async () => {
    let unready = '';
    const made = await cluster({
      fate: (pod) => {
        unready ||= nameOf(pod);
        return unready === nameOf(pod) ? 'Running' : 'Ready';
      },
    });
    await budget(made, { minAvailable: 2 });
    const bad = pods(made).find((pod) => unready === nameOf(pod)) ?? {};
    expect(allowed(made)).toBe(0);
    await evict(made, bad);
    expect(made.resources.pods.find('default', nameOf(bad))?.metadata?.deletionTimestamp).toBeDefined();
  });

  it('changes nothing when it is only tried', async () => {
    const made = await cluster();
    await budget(made, { minAvailable: 2 });
    await evict(made, pods(made)[0] ?? {}, { deleteOptions: { dryRun: ['All'] } });
    await made.settle();
    expect([allowed(made), pods(made).filter((p) => p.metadata?.deletionTimestamp).length]).toEqual([1, 0]);
  });

  it('of a pod with two budgets is an error', async () => {
    const made = await cluster();
    await budget(made, { minAvailable: 1 });
    await made.resources.podDisruptionBudgets.create({
      metadata: { name: 'other', namespace: 'default' },
      spec: { selector, minAvailable: 1 },
    });
    await made.settle();
    expect((await refusal(evict(made, pods(made)[0] ?? {}))).code).toBe(500);
  });
});

describe('a binding', () => {
  const registry = createFakeRegistry(catalogue);
  const key = { namespace: 'default', name: 'web' };
  const bind = (body: object) =>
    podSubresourceHandlers({ registry, clock: createFakeClock() })['pods/binding']({
      key,
      body,
      options: { user },
    });

  it('puts a pod on a node, once', async () => {
    const kind = (plural: string) => registry.definition('', plural) ?? catalogue[0];
    const [namespaces, podKind] = [kind('namespaces'), kind('pods')];
    if (namespaces === undefined || podKind === undefined) throw new Error('no kinds');
    await registry.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });
    await registry.create(podKind, { apiVersion: 'v1', kind: 'Pod', metadata: key, spec });
    expect((await refusal(bind({ target: { kind: 'Node' } }))).message).toBe(
      'Binding "web" is invalid: target.name: Required value',
    );
    await bind({ target: { kind: 'Node', name: 'host' } });
    expect((registry.get(podKind, key).object as Pod).spec?.nodeName).toBe('host');
    expect((await refusal(bind({ target: { name: 'other' } }))).message).toBe(
      'Operation cannot be fulfilled on pods/binding "web": pod web is already assigned to node "host"',
    );
  });
});
