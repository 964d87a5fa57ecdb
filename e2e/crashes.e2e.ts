import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job, Pod } from '../src/kinds/types.ts';
import { box, eventually } from './harness.ts';
import { apply, getObject, remove, run } from './pods.ts';

/*
 * The server is killed in the midst of changes (`crash/preload.mjs` does it, at a step that is given) and starts again
 * by itself. The end is that of an undisturbed run, and nothing is left over.
 */

const IMAGE = 'localhost:5000/busybox:latest';
const NAMESPACE = 'crashing';
/** Steps at which to kill; QUADSHIFT_CRASH_STEPS=1,2,3,… has others. */
const STEPS = (process.env['QUADSHIFT_CRASH_STEPS'] ?? '17').split(',').map(Number);

const shell = (script: string): Promise<string> => box.must(['sh', '-c', script]);
const inNamespace = (...args: readonly string[]): Promise<string> => run('-n', NAMESPACE, ...args);

async function setPreload(present: boolean): Promise<void> {
  const dropIn = '/etc/systemd/system/quadshift.service.d/crash.conf';
  const environment = 'Environment="NODE_OPTIONS=--import /usr/src/quadshift/e2e/crash/preload.mjs"';
  const content = `[Service]\\n${environment}\\nReadWritePaths=/run/crash\\n`;
  await shell(
    present
      ? `mkdir -p /run/crash $(dirname ${dropIn}); printf '${content}' > ${dropIn}`
      : `rm -rf $(dirname ${dropIn}) /run/crash`,
  );
  await shell('systemctl daemon-reload; systemctl restart quadshift.service');
}

/** Makes the change and has the server die at a step of what follows from it; true when it got that far. */
async function crashing(step: number, change: () => Promise<unknown>, settled: () => Promise<void>): Promise<boolean> {
  await shell(`rm -f /run/crash/died; echo ${step} > /run/crash/at; touch /run/crash/armed`);
  // The change itself may be cut off: then it hasn't happened, or has.
  await change().catch(() => undefined);
  await eventually(settled, { timeoutMs: 90_000, what: `the end after a crash at step ${step}` });
  await eventually(tidy, { what: `nothing is left over after a crash at step ${step}` });
  const died = (await shell('cat /run/crash/died 2>/dev/null || true')).trim();
  await shell('rm -f /run/crash/at; touch /run/crash/armed');
  return died !== '';
}

const pods = async (): Promise<readonly Pod[]> => (await getObject<{ items: Pod[] }>('pods', '-n', NAMESPACE)).items;

/** Units, folders and podman's pods are those of the pods that there are, and run only once. */
async function tidy(): Promise<void> {
  const { items } = await getObject<{ items: Pod[] }>('pods', '-A');
  const live = items.filter(({ status }) => status?.phase === 'Running');
  const uids = live.map(({ metadata }) => metadata?.uid).sort();
  const folders = (await shell('ls /var/lib/quadshift/pods')).split('\n').filter((line) => line !== '');
  expect(folders.sort()).toEqual(uids);
  const names = live.map(({ metadata }) => `qs-${metadata?.namespace}_${metadata?.name}`).sort();
  const gates = await shell("ls /etc/systemd/system | grep -E '^qs-[^_]*_[^_]*\\.service$' || true");
  expect(
    gates
      .split('\n')
      .filter((line) => line !== '')
      .sort(),
  ).toEqual(names.map((name) => `${name}.service`));
  const real = await shell("podman pod ps --format '{{.Name}}' | grep ^qs- || true");
  expect(
    real
      .split('\n')
      .filter((line) => line !== '')
      .sort(),
  ).toEqual(names);
  expect(await shell("systemctl list-units --failed --no-legend 'qs-*' | wc -l")).toBe('0\n');
}

function workload(kind: string, spec: object, version: string): string {
  const labels = { app: 'it' };
  const command = ['sh', '-c', 'trap exit TERM; while :; do sleep 1 & wait $!; done'];
  const containers = [{ name: 'main', image: IMAGE, command, env: [{ name: 'VERSION', value: version }] }];
  const template = { metadata: { labels }, spec: { terminationGracePeriodSeconds: 1, containers } };
  const metadata = { name: 'it', namespace: NAMESPACE };
  const all = { selector: { matchLabels: labels }, template, ...spec };
  return JSON.stringify({ apiVersion: 'apps/v1', kind, metadata, spec: all });
}

function versions(found: readonly Pod[]): readonly unknown[] {
  return found.map(({ spec, status }) => [spec?.containers[0]?.env?.[0]?.value, status?.phase]);
}

beforeAll(async () => {
  await run('create', 'namespace', NAMESPACE);
  await setPreload(true);
});

afterAll(async () => {
  await setPreload(false);
  await eventually(() => remove('namespace', NAMESPACE), { what: 'the API answers' });
});

describe.each(STEPS)('killed at step %i', (step) => {
  it('a rolling update comes to its end', async () => {
    await apply(workload('Deployment', { replicas: 2 }, 'old'));
    await inNamespace('rollout', 'status', 'deployment/it', '--timeout=60s');
    const change = () => apply(workload('Deployment', { replicas: 2 }, `new-${step}`));
    const expected = [1, 2].map(() => [`new-${step}`, 'Running']);
    const died = await crashing(step, change, async () => {
      await change();
      expect(versions(await pods())).toEqual(expected);
    });
    expect(died).toBe(true);
    await inNamespace('delete', 'deployment/it');
  });

  it('a StatefulSet is scaled down, in order', async () => {
    await eventually(async () => expect(await pods()).toEqual([]), { what: 'a clean start' });
    const spec = { replicas: 3, serviceName: 'it', podManagementPolicy: 'Parallel' };
    await apply(workload('StatefulSet', spec, 'old'));
    await inNamespace('rollout', 'status', 'statefulset/it', '--timeout=60s');
    const change = () => inNamespace('scale', 'statefulset/it', '--replicas=1');
    await crashing(step, change, async () => {
      await change();
      expect((await pods()).map(({ metadata }) => metadata?.name)).toEqual(['it-0']);
    });
    await inNamespace('delete', 'statefulset/it');
  });

  it('an Indexed Job counts each index once', async () => {
    await eventually(async () => expect(await pods()).toEqual([]), { what: 'a clean start' });
    const containers = [{ name: 'main', image: IMAGE, command: ['sh', '-c', 'echo $JOB_COMPLETION_INDEX'] }];
    const template = { spec: { restartPolicy: 'Never', containers } };
    const spec = { completions: 3, parallelism: 3, completionMode: 'Indexed', template };
    const metadata = { name: 'counted', namespace: NAMESPACE };
    const manifest = JSON.stringify({ apiVersion: 'batch/v1', kind: 'Job', metadata, spec });
    await crashing(
      step,
      () => apply(manifest),
      async () => {
        await apply(manifest);
        const { status } = await getObject<Job>('job', 'counted', '-n', NAMESPACE);
        expect([status?.succeeded, status?.completedIndexes, status?.failed]).toEqual([3, '0-2', undefined]);
        expect(status?.conditions?.map(({ type }) => type)).toContain('Complete');
      },
    );
    expect(await pods()).toHaveLength(3);
    expect((await pods()).flatMap(({ metadata: of }) => of?.finalizers ?? [])).toEqual([]);
    await inNamespace('delete', 'job/counted');
  });
});
