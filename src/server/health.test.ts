import { beforeEach, expect, test } from 'vitest';
import type { Call } from './call.ts';
import { type HealthCheck, handleHealth } from './health.ts';
import { createHealthRecord } from './health-record.ts';
import { renderMetrics } from './prometheus.ts';

const checks: readonly HealthCheck[] = [
  { name: 'store', endpoints: ['livez', 'readyz'], check: () => {} },
  { name: 'podman', endpoints: ['readyz'], check: () => Promise.reject(new Error('a secret')) },
];

let record = createHealthRecord();
beforeEach(() => {
  record = createHealthRecord();
});

async function ask(path: string, query = ''): Promise<readonly [number, string]> {
  const call = { path, query: new URLSearchParams(query) } as Call;
  const { status, body } = await handleHealth({ checks, record }, call);
  return [status, body];
}

test('a failing check fails its own endpoints only, and keeps its reason to itself', async () => {
  expect(await ask('/livez')).toEqual([200, 'ok']);
  expect(await ask('/readyz')).toEqual([
    500,
    '[+]ping ok\n[+]store ok\n[-]podman failed: reason withheld\nreadyz check failed\n',
  ]);
  expect(await ask('/livez', 'verbose')).toEqual([200, '[+]ping ok\n[+]store ok\nlivez check passed\n']);
});

test('checks can be asked one by one or left out', async () => {
  expect(await ask('/readyz/store')).toEqual([200, 'ok']);
  expect((await ask('/readyz/podman'))[0]).toBe(500);
  expect(await ask('/readyz', 'exclude=podman')).toEqual([200, 'ok']);
  expect(await ask('/readyz/unknown')).toEqual([404, '404 page not found\n']);
});

test('how checks went is told by the endpoint that asked', async () => {
  await ask('/readyz');
  await ask('/readyz', 'exclude=store');
  const lines = renderMetrics(record.metrics()).split('\n');
  expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
    'kubernetes_healthcheck{name="ping",type="readyz"} 1',
    'kubernetes_healthcheck{name="store",type="readyz"} 1',
    'kubernetes_healthcheck{name="podman",type="readyz"} 0',
    'kubernetes_healthchecks_total{name="ping",status="success",type="readyz"} 2',
    'kubernetes_healthchecks_total{name="store",status="success",type="readyz"} 1',
    'kubernetes_healthchecks_total{name="podman",status="error",type="readyz"} 2',
  ]);
});
