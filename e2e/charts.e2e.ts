import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Deployment, HorizontalPodAutoscaler, Pod } from '../src/kinds/types.ts';
import { box, eventually, kubectl } from './harness.ts';
import { getObject, run } from './pods.ts';

/* An application as Helm brings it, from examples/chart: hooks before the rest, then install, upgrade and rollback. */

const inNamespace = (...args: readonly string[]): Promise<string> => run('-n', 'shop', ...args);

async function applyFile(name: string): Promise<void> {
  const input = await readFile(new URL(`../examples/chart/${name}.yaml`, import.meta.url), 'utf8');
  const result = await kubectl(['-n', 'shop', 'apply', '-f', '-'], { input });
  expect([result.code, result.stderr]).toEqual([0, '']);
}

/** As Helm runs a hook: its Job is waited for, and deleted when it has succeeded. */
async function hook(name: string, job: string): Promise<void> {
  await applyFile(`hook-${name}`);
  await inNamespace('wait', '--for=condition=complete', `job/${job}`, '--timeout=90s');
  await inNamespace('delete', `job/${job}`);
}

/** As `helm --wait`: until everything of the release is there. */
async function release(number: 1 | 2): Promise<void> {
  await applyFile(`release-${number}`);
  await inNamespace('rollout', 'status', 'deployment/shop', '--timeout=120s');
  await eventually(
    async () => {
      const { spec, status } = await getObject<Deployment>('deployment', 'shop', '-n', 'shop');
      expect([spec?.replicas, status?.availableReplicas]).toEqual([2, 2]);
    },
    { what: 'the autoscaler’s two pods are available' },
  );
}

/** What the application answers through its Ingress. */
const page = async (): Promise<string> => {
  const answer = await box.exec(['curl', '-s', '-m', '2', '-H', 'Host: shop.example.com', 'http://127.0.0.1/']);
  return answer.stdout;
};

const untilPage = (text: string): Promise<void> =>
  eventually(async () => expect(await page()).toContain(text), { what: `the page of ${text}` });

const orders = (): Promise<string> => inNamespace('exec', 'deployment/shop', '--', 'cat', '/data/orders');
const greeting = (): Promise<string> => inNamespace('exec', 'deployment/shop', '--', 'cat', '/etc/shop/greeting');

beforeAll(async () => {
  await run('create', 'namespace', 'shop');
});

afterAll(async () => {
  await run('delete', 'namespace', 'shop', '--wait=true', '--timeout=90s');
});

it('installs', async () => {
  await hook('pre-install', 'shop-preflight');
  await release(1);
  await hook('post-install', 'shop-seed');
  await untilPage('version v1');
  expect([await greeting(), await orders()]).toEqual(['welcome', 'first order\n']);
  await hook('test', 'shop-test');
});

it('is scaled, guarded and scheduled', async () => {
  await eventually(
    async () => {
      const { status } = await getObject<HorizontalPodAutoscaler>('hpa', 'shop', '-n', 'shop');
      expect(status?.conditions?.find(({ type }) => type === 'ScalingActive')?.reason).toBe('ValidMetricFound');
    },
    { what: 'the autoscaler has metrics' },
  );
  const allowed = () => inNamespace('get', 'pdb', 'shop', '-o', 'jsonpath={.status.disruptionsAllowed}');
  await eventually(async () => expect(await allowed()).toBe('1'), { what: 'one may go' });
  expect(await inNamespace('get', 'cronjob', 'shop-report', '--no-headers')).toMatch(/shop-report +30 3 \* \* \* /);
});

it('is upgraded', async () => {
  await hook('pre-upgrade', 'shop-migrate');
  await release(2);
  await untilPage('version v2');
  expect([await greeting(), await orders()]).toEqual(['welcome back', 'first order\nmigrated\n']);
});

it('is rolled back, and keeps its data', async () => {
  await release(1);
  await untilPage('version v1');
  expect([await greeting(), await orders()]).toEqual(['welcome', 'first order\nmigrated\n']);
  await eventually(
    async () => {
      const { items } = await getObject<{ items: Pod[] }>('pods', '-n', 'shop');
      expect(items.map(({ spec }) => spec?.containers[0]?.image)).toEqual([1, 2].map(() => 'localhost:5000/hello:v1'));
    },
    { what: 'the pods of the other release are gone' },
  );
});
