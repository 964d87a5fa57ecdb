import { describe, expect, it } from 'vitest';
import type { Deployment } from '../kinds/types.ts';
import { type BootedHouse, booted, messages, metadata } from './fake-booted-house.ts';
import { nameOf } from './meta.ts';
import { isPodReady } from './workloads/pod-facts.ts';

function deployment(spec: object = {}): Deployment {
  const labels = { app: 'hello' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'localhost/hello:1' }] } };
  return {
    metadata: metadata('hello'),
    spec: { replicas: 2, selector: { matchLabels: labels }, template, ...spec },
  } as Deployment;
}

describe('a Deployment', () => {
  const stored = (made: BootedHouse) => made.resources.deployments.find('default', 'hello');
  const progressing = (made: BootedHouse) => stored(made)?.status?.conditions?.find((c) => c.type === 'Progressing');
  const complete = (made: BootedHouse, replicas: number) => () =>
    stored(made)?.status?.availableReplicas === replicas &&
    stored(made)?.status?.updatedReplicas === replicas &&
    stored(made)?.status?.replicas === replicas &&
    progressing(made)?.reason === 'NewReplicaSetAvailable';

  async function rolledOut(spec: object = {}): Promise<BootedHouse> {
    const made = await booted();
    await made.resources.deployments.create(deployment(spec));
    await made.until(complete(made, 2), 'rolled out');
    return made;
  }

  const setImage = (made: BootedHouse, image: string) =>
    made.resources.deployments.modify(deployment(), (d) => {
      const template = d.spec?.template;
      return {
        ...d,
        spec: d.spec && {
          ...d.spec,
          template: { ...template, spec: { ...template?.spec, containers: [{ name: 'app', image }] } },
        },
      } as Deployment;
    });

  it('rolls out with the conditions and Events of upstream', async () => {
    const made = await rolledOut();
    const [replicaSet] = made.resources.replicaSets.list('default');
    const name = replicaSet === undefined ? '' : nameOf(replicaSet);
    expect(name).toMatch(/^hello-[bcdf-hj-np-tv-z2-9]+$/);
    expect(replicaSet?.metadata?.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '1',
      'deployment.kubernetes.io/desired-replicas': '2',
      'deployment.kubernetes.io/max-replicas': '3',
    });
    expect(stored(made)?.status).toMatchObject({ replicas: 2, readyReplicas: 2, observedGeneration: 1 });
    const conditions = stored(made)?.status?.conditions?.map((c) => `${c.type}=${c.status} ${c.reason}: ${c.message}`);
    expect(conditions?.sort()).toEqual([
      'Available=True MinimumReplicasAvailable: Deployment has minimum availability.',
      `Progressing=True NewReplicaSetAvailable: ReplicaSet "${name}" has successfully progressed.`,
    ]);
    expect(messages(made, 'hello')).toEqual([`Normal ScalingReplicaSet: Scaled up replica set ${name} from 0 to 2`]);
    expect(messages(made, name).every((m) => m.startsWith(`Normal SuccessfulCreate: Created pod: ${name}-`))).toBe(
      true,
    );
  });

  it('updates step by step and keeps the old ReplicaSet for a rollback, which revives it', async () => {
    const made = await rolledOut();
    let fewest = 2;
    let most = 2;
    await setImage(made, 'localhost/hello:2');
    await made.until(() => {
      const pods = made.resources.pods.list('default').filter((p) => !p.metadata?.deletionTimestamp);
      fewest = Math.min(fewest, pods.filter(isPodReady).length);
      most = Math.max(most, pods.length);
      return stored(made)?.metadata?.annotations?.['deployment.kubernetes.io/revision'] === '2' && complete(made, 2)();
    }, 'updated');
    expect({ fewest, most }).toEqual({ fewest: 2, most: 3 });
    await setImage(made, 'localhost/hello:1');
    await made.until(
      () => stored(made)?.metadata?.annotations?.['deployment.kubernetes.io/revision'] === '3' && complete(made, 2)(),
      'rolled back',
    );
    const revived = made.resources.replicaSets.list('default').find((rs) => rs.spec?.replicas === 2);
    expect(revived?.metadata?.annotations).toMatchObject({
      'deployment.kubernetes.io/revision': '3',
      'deployment.kubernetes.io/revision-history': '1',
    });
    expect(made.resources.replicaSets.list('default')).toHaveLength(2);
  });

  it('with Recreate lets all old pods go before a new one comes', async () => {
    const made = await rolledOut({ strategy: { type: 'Recreate' } });
    let overlap = false;
    await setImage(made, 'localhost/hello:2');
    const images = (): ReadonlySet<string | undefined> =>
      new Set(made.resources.pods.list('default').map((p) => p.spec?.containers[0]?.image));
    await made.until(() => {
      overlap ||= images().size > 1;
      return images().has('localhost/hello:2') && complete(made, 2)();
    }, 'recreated');
    expect(overlap).toBe(false);
  });

  it('scales up and down, deleting surplus pods', async () => {
    const made = await rolledOut();
    const scale = (replicas: number) =>
      made.resources.deployments.modify(deployment(), (d) => ({ ...d, spec: d.spec && { ...d.spec, replicas } }));
    await scale(4);
    await made.until(() => stored(made)?.status?.availableReplicas === 4, 'four');
    await scale(1);
    await made.until(() => made.resources.pods.list('default').length === 1, 'one');
    expect(messages(made, 'hello').map((m) => m.replace(/hello-\S+/, 'rs'))).toEqual([
      'Normal ScalingReplicaSet: Scaled down replica set rs from 4 to 1',
      'Normal ScalingReplicaSet: Scaled up replica set rs from 0 to 2',
      'Normal ScalingReplicaSet: Scaled up replica set rs from 2 to 4',
    ]);
  });

  it('that is paused does not roll, and does when resumed', async () => {
    const made = await rolledOut();
    const pause = (paused: boolean) =>
      made.resources.deployments.modify(deployment(), (d) => ({ ...d, spec: d.spec && { ...d.spec, paused } }));
    await pause(true);
    await setImage(made, 'localhost/hello:2');
    await made.until(() => progressing(made)?.reason === 'DeploymentPaused', 'paused');
    await made.settle();
    expect(made.resources.replicaSets.list('default')).toHaveLength(1);
    await pause(false);
    await made.until(() => made.resources.replicaSets.list('default').length === 2 && complete(made, 2)(), 'rolled');
  });

  it('says when its deadline has passed', async () => {
    const made = await booted();
    const template = {
      metadata: { labels: { app: 'hello' } },
      spec: { containers: [{ name: 'app', image: 'localhost/none:1' }] },
    };
    await made.resources.deployments.create(deployment({ template, progressDeadlineSeconds: 20 }));
    await made.until(() => progressing(made)?.reason === 'ProgressDeadlineExceeded', 'timed out');
    expect(progressing(made)?.message).toMatch(/^ReplicaSet "hello-\w+" has timed out progressing\.$/);
  });

  it('is deleted with everything that it owns', async () => {
    const made = await rolledOut();
    await made.resources.deployments.delete(deployment(), { propagationPolicy: 'Background' });
    await made.until(() => made.resources.pods.list('default').length === 0, 'pods are gone');
    expect(made.resources.replicaSets.list('default')).toEqual([]);
  });

  it('deleted in the foreground goes after its dependents; orphaned, before', async () => {
    const made = await rolledOut();
    await made.resources.deployments.delete(deployment(), { propagationPolicy: 'Foreground' });
    await made.settle();
    expect(stored(made) !== undefined || made.resources.replicaSets.list('default').length === 0).toBe(true);
    await made.until(() => stored(made) === undefined, 'gone');
    expect(made.resources.replicaSets.list('default')).toEqual([]);
    const other = await rolledOut();
    await other.resources.deployments.delete(deployment(), { propagationPolicy: 'Orphan' });
    await other.until(() => stored(other) === undefined, 'gone');
    await other.settle();
    expect(other.resources.replicaSets.list('default').map((rs) => rs.metadata?.ownerReferences)).toEqual([undefined]);
  });
});
