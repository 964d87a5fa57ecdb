import { afterAll, expect, it } from 'vitest';
import type { Deployment } from '../src/kinds/types.ts';
import { eventually, kubectl } from './harness.ts';
import { webDeployment } from './manifests.ts';
import { apply, getObject, podsOf, remove, run } from './pods.ts';

/* What kubernetes.io/docs/concepts/workloads/controllers/deployment (and …/replicaset) has its readers type, and what they see. */

const NAME = 'nginx-deployment';
const OF = `deployment/${NAME}`;
const rollout = (...args: readonly string[]): Promise<string> => run('rollout', ...args);
const setImage = (tag: string): Promise<string> => run('set', 'image', OF, `web=localhost:5000/hello:${tag}`);
const rolledOut = (): Promise<string> => rollout('status', OF, '--timeout=120s');
const images = async (): Promise<readonly unknown[]> =>
  (await podsOf(NAME))
    .filter(({ metadata }) => !metadata?.deletionTimestamp)
    .map(({ spec }) => spec?.containers[0]?.image);
const rows = async (what: string): Promise<readonly string[]> =>
  (await run('get', what, '-l', `app=${NAME}`, '--no-headers'))
    .trim()
    .split('\n')
    .map((row) => row.replace(/ +\S+$/, '').replace(/ +/g, ' '));

afterAll(() => remove(OF, 'rs/frontend', `hpa/${NAME}`));

it('is created, and rolls out', async () => {
  expect(await apply(webDeployment({ name: NAME, replicas: 3 }))).toBe(`deployment.apps/${NAME} created\n`);
  expect(await rolledOut()).toMatch(
    new RegExp(`^(Waiting for deployment .*\\.\\.\\.\n)*deployment "${NAME}" successfully rolled out\n$`),
  );
  const table = await run('get', 'deployments', NAME);
  expect(table).toMatch(/^NAME +READY +UP-TO-DATE +AVAILABLE +AGE\nnginx-deployment +3\/3 +3 +3 +\d+s\n$/);
  expect(await run('get', 'rs', '-l', `app=${NAME}`)).toMatch(
    /^NAME +DESIRED +CURRENT +READY +AGE\nnginx-deployment-[a-z0-9]+ +3 +3 +3 +\d+s\n$/,
  );
  expect(await run('get', 'pods', '-l', `app=${NAME}`, '--show-labels')).toMatch(
    /app=nginx-deployment,pod-template-hash=[a-z0-9]+\n/,
  );
});

it('is updated, with a history that says why', async () => {
  expect(await setImage('v2')).toBe(`deployment.apps/${NAME} image updated\n`);
  await run('annotate', OF, 'kubernetes.io/change-cause=image updated to v2');
  expect(await rolledOut()).toContain(`deployment "${NAME}" successfully rolled out\n`);
  expect((await rows('rs')).map((row) => row.replace(/^\S+ /, '')).sort()).toEqual(['0 0 0', '3 3 3']);
  await eventually(
    async () =>
      expect(await rollout('history', OF)).toBe(
        `deployment.apps/${NAME} \nREVISION  CHANGE-CAUSE\n1         <none>\n2         image updated to v2\n\n`,
      ),
    { what: 'the history' },
  );
  expect(await rollout('history', OF, '--revision=2')).toMatch(
    /^deployment\.apps\/nginx-deployment with revision #2\nPod Template:\n {2}Labels:\tapp=nginx-deployment\n\tpod-template-hash=[a-z0-9]+\n[\s\S]*Image:\tlocalhost:5000\/hello:v2\n/,
  );
});

it('is described, with what was done to it', async () => {
  const text = await run('describe', OF);
  for (const part of [
    /^Replicas: +3 desired \| 3 updated \| 3 total \| 3 available \| 0 unavailable$/m,
    /^StrategyType: +RollingUpdate$/m,
    /^RollingUpdateStrategy: +25% max unavailable, 25% max surge$/m,
    /^ {2}Available +True +MinimumReplicasAvailable$/m,
    /^ {2}Progressing +True +NewReplicaSetAvailable$/m,
    /^OldReplicaSets: +nginx-deployment-[a-z0-9]+ \(0\/0 replicas created\)$/m,
    /^NewReplicaSet: +nginx-deployment-[a-z0-9]+ \(3\/3 replicas created\)$/m,
    /Normal +ScalingReplicaSet .* deployment-controller +Scaled up replica set nginx-deployment-[a-z0-9]+ from 0 to 3$/m,
    /Normal +ScalingReplicaSet .* deployment-controller +Scaled down replica set nginx-deployment-[a-z0-9]+ from 3 to 2$/m,
  ]) {
    expect(text).toMatch(part);
  }
});

it('is stuck at a mistake, says so, and is rolled back', async () => {
  await run('patch', OF, '-p', '{"spec":{"progressDeadlineSeconds":3}}');
  await setImage('v161');
  const status = await kubectl(['rollout', 'status', OF, '--timeout=60s']);
  expect([status.code, status.stderr]).toEqual([1, `error: deployment "${NAME}" exceeded its progress deadline\n`]);
  const { status: found } = await getObject<Deployment>(OF);
  expect(found?.conditions?.find(({ type }) => type === 'Progressing')).toMatchObject({
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: expect.stringMatching(/^ReplicaSet "nginx-deployment-[a-z0-9]+" has timed out progressing\.$/),
  });
  const pods = () => run('get', 'pods', '-l', `app=${NAME}`);
  await eventually(async () => expect(await pods()).toMatch(/0\/1 +(ImagePullBackOff|ErrImagePull) /), {
    what: 'a pod without its image',
  });
  await run('patch', OF, '-p', '{"spec":{"progressDeadlineSeconds":600}}');
  expect(await rollout('undo', OF)).toBe(`deployment.apps/${NAME} rolled back\n`);
  await rolledOut();
  await eventually(async () => expect(await images()).toEqual([1, 2, 3].map(() => 'localhost:5000/hello:v2')), {
    what: 'the working version',
  });
  expect(await rollout('undo', OF, '--to-revision=1')).toBe(`deployment.apps/${NAME} rolled back\n`);
  await rolledOut();
  await eventually(async () => expect(await images()).toEqual([1, 2, 3].map(() => 'localhost:5000/hello:v1')), {
    what: 'the first version',
  });
});

it('is paused, changed twice, and resumed into one rollout', async () => {
  expect(await rollout('pause', OF)).toBe(`deployment.apps/${NAME} paused\n`);
  await setImage('v2');
  expect(await run('set', 'resources', OF, '-c=web', '--requests=memory=8Mi')).toBe(
    `deployment.apps/${NAME} resource requirements updated\n`,
  );
  const before = await rows('rs');
  expect((await kubectl(['rollout', 'undo', OF])).stderr).toContain(
    `error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume`,
  );
  expect(await rollout('resume', OF)).toBe(`deployment.apps/${NAME} resumed\n`);
  await rolledOut();
  expect(await rows('rs')).toHaveLength(before.length + 1);
  expect(await run('get', OF, '-o', 'jsonpath={.status.conditions[?(@.type=="Progressing")].reason}')).toBe(
    'NewReplicaSetAvailable',
  );
});

it('is scaled, by hand and by an autoscaler', async () => {
  expect(await run('scale', OF, '--replicas=1')).toBe(`deployment.apps/${NAME} scaled\n`);
  await rolledOut();
  expect(await run('autoscale', OF, '--min=2', '--max=3', '--cpu-percent=80')).toBe(
    `horizontalpodautoscaler.autoscaling/${NAME} autoscaled\n`,
  );
  await eventually(async () => expect(await run('get', OF, '--no-headers')).toMatch(/^nginx-deployment +2\/2 +2 +2 /), {
    what: 'the minimum',
  });
});

it('has a ReplicaSet that takes pods that it finds, and leaves its own behind when it is orphaned', async () => {
  const labels = { app: 'frontend' };
  const spec = { containers: [{ name: 'web', image: 'localhost:5000/hello:v1' }], terminationGracePeriodSeconds: 1 };
  await apply(JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'pod1', labels }, spec }));
  const template = { metadata: { labels }, spec };
  const set = { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata: { name: 'frontend' } };
  expect(
    await apply(JSON.stringify({ ...set, spec: { replicas: 2, selector: { matchLabels: labels }, template } })),
  ).toBe('replicaset.apps/frontend created\n');
  await eventually(
    async () => expect(await run('get', 'rs', 'frontend', '--no-headers')).toMatch(/^frontend +2 +2 +2 +\d+s\n$/),
    { what: 'two are ready' },
  );
  const adopted = (await podsOf('frontend')).find(({ metadata }) => metadata?.name === 'pod1');
  expect(adopted?.metadata?.ownerReferences).toMatchObject([
    { kind: 'ReplicaSet', name: 'frontend', controller: true },
  ]);
  expect(await run('describe', 'rs', 'frontend')).toMatch(
    /^Pods Status: +2 Running \/ 0 Waiting \/ 0 Succeeded \/ 0 Failed$/m,
  );
  expect(await run('delete', 'rs', 'frontend', '--cascade=orphan')).toMatch(/^replicaset\.apps "frontend" deleted/);
  await eventually(
    async () =>
      expect((await podsOf('frontend')).map(({ metadata }) => metadata?.ownerReferences)).toEqual([
        undefined,
        undefined,
      ]),
    { what: 'orphans' },
  );
  await remove('pods', '-l', 'app=frontend');
});
