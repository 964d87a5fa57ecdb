import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createFakeServiceManager, type FakeServiceManager } from '../../systemd/fake-service-manager.ts';
import type { ContainerProbeResults } from '../../translators/formats/probe-results.ts';
import type { CompiledProbe, ContainerProbes } from '../../translators/formats/probes.ts';
import { createFakePodman, type FakePodman } from '../host/fake-podman.ts';
import { createProbeResultsReader } from './results-reader.ts';
import { runProber } from './run-prober.ts';

let folder = '';
let systemd: FakeServiceManager;
let podman: FakePodman;
let stop: AbortController;
let prober: Promise<void>;
let server: Server | undefined;
let port = 0;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qs-prober-'));
  podman = createFakePodman();
  systemd = createFakeServiceManager({ now: () => Date.now() * 1_000 });
  systemd.define({ name: 'qs-a_web_c.service', restart: 'always' });
  await systemd.reload();
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  port = (probe.address() as AddressInfo).port;
  await new Promise((resolve) => probe.close(resolve));
});
afterEach(async () => {
  vi.restoreAllMocks();
  stop.abort();
  await prober;
  server?.close();
  server = undefined;
  await rm(folder, { recursive: true });
});

function begin(): void {
  stop = new AbortController();
  const options = { probesDir: join(folder, 'pods'), resultsDir: join(folder, 'results'), systemd, podman };
  prober = runProber({ ...options, signal: stop.signal });
}

async function serve(): Promise<void> {
  const tcp = createServer((socket) => void socket.on('error', () => undefined));
  server = tcp;
  await new Promise<void>((resolve) => tcp.listen(port, '127.0.0.1', resolve));
}

/** As the unit directory writes: by rename. */
async function compile(uid: string, probes: Partial<ContainerProbes>): Promise<void> {
  const container = { name: 'c', unit: 'qs-a_web_c.service', podmanName: 'qs-a_web_c', ...probes };
  await mkdir(join(folder, 'pods', uid), { recursive: true });
  await writeFile(join(folder, 'pods', uid, '.new'), JSON.stringify({ uid, containers: [container] }));
  await rename(join(folder, 'pods', uid, '.new'), join(folder, 'pods', uid, 'probes.json'));
}

const tcp = (more: Partial<CompiledProbe> = {}): CompiledProbe => ({
  action: { type: 'tcp', host: '127.0.0.1', port },
  initialDelaySeconds: 0,
  periodSeconds: 0.05,
  timeoutSeconds: 1,
  successThreshold: 1,
  failureThreshold: 2,
  terminationGracePeriodSeconds: 7,
  ...more,
});

async function results(uid = 'u1'): Promise<ContainerProbeResults | undefined> {
  const text = await readFile(join(folder, 'results', `${uid}.json`), 'utf8').catch(() => '{}');
  return JSON.parse(text).containers?.c;
}
const eventually = (expected: Partial<ContainerProbeResults>, uid = 'u1') =>
  expect.poll(() => results(uid), { timeout: 30_000 }).toMatchObject(expected);

it('finds a pod that comes later, follows its readiness and forgets it when it goes', async () => {
  begin();
  await systemd.start('qs-a_web_c.service');
  await compile('u1', { readiness: tcp() });
  await eventually({ started: true, ready: false });
  await serve();
  await eventually({ ready: true });
  server?.close();
  await eventually({
    ready: false,
    lastMessage: expect.stringMatching(/^Readiness probe failed: dial tcp .* refused$/),
  });
  await rm(join(folder, 'pods', 'u1'), { recursive: true });
  await expect.poll(() => readdir(join(folder, 'results')), { timeout: 30_000 }).toEqual([]);
});

it('stops a container that fails liveness, once, and begins anew when it is back', async () => {
  podman.setContainer({ name: 'qs-a_web_c' });
  await compile('u1', { liveness: tcp() });
  await systemd.start('qs-a_web_c.service');
  begin();
  await expect.poll(() => podman.calls, { timeout: 30_000 }).toEqual([expect.stringMatching(/^stop qs-a_web_c/)]);
  const first = (await results())?.run;
  await serve();
  systemd.exit('qs-a_web_c.service', { signal: 15 });
  await eventually({ run: '', ready: false });
  systemd.restartDue('qs-a_web_c.service');
  await eventually({ ready: true, started: true });
  expect((await results())?.run).not.toBe(first);
  expect(podman.calls).toHaveLength(1);
});

it('lets startup come before readiness', async () => {
  await compile('u1', { startup: tcp({ failureThreshold: 1_000 }), readiness: tcp({ periodSeconds: 60 }) });
  await systemd.start('qs-a_web_c.service');
  begin();
  await eventually({ started: false, ready: false, lastMessage: expect.stringMatching(/^Startup probe failed/) });
  await serve();
  await eventually({ started: true, ready: true });
});

it('notices a container that comes up long before its period is over, and counts no failure for asking', async () => {
  begin();
  await compile('u1', { readiness: tcp({ periodSeconds: 60 }) });
  await systemd.start('qs-a_web_c.service');
  await eventually({ ready: false });
  await serve();
  await eventually({ ready: true });
  expect((await results())?.incidents).toEqual([]);
});

it('gives a container its period to come up, were a single failure the end', async () => {
  const once = tcp({ periodSeconds: 1, failureThreshold: 1 });
  await compile('u1', { liveness: once, readiness: once });
  await systemd.start('qs-a_web_c.service');
  begin();
  await eventually({ ready: false });
  await serve();
  let asked = 0;
  server?.on('connection', () => asked++);
  await expect.poll(() => asked, { timeout: 30_000 }).toBeGreaterThan(3);
  expect(podman.calls).toEqual([]);
  expect((await results())?.incidents).toEqual([]);
});

it('waits for the initial delay', async () => {
  await serve();
  await compile('u1', { readiness: tcp({ initialDelaySeconds: 0.5 }) });
  const before = performance.now();
  await systemd.start('qs-a_web_c.service');
  begin();
  await eventually({ ready: true });
  expect(performance.now() - before).toBeGreaterThan(400);
});

it.each([
  { what: 'a day back', jumps: [-86_400_000] },
  { what: 'ten years on', jumps: [315_532_800_000] },
  { what: 'a day back, then ten years on', jumps: [-86_400_000, 315_532_800_000] },
])('goes on when the clock is set $what', async ({ jumps }) => {
  const timeOfDay = Date.now;
  let ahead = 0;
  vi.spyOn(Date, 'now').mockImplementation(() => timeOfDay() + ahead);
  await serve();
  await compile('u1', { readiness: tcp() });
  await systemd.start('qs-a_web_c.service');
  begin();
  await eventually({ ready: true });
  for (const jump of jumps) {
    ahead += jump;
    server?.close();
    await eventually({ ready: false });
    await serve();
    await eventually({ ready: true });
  }
});

it('takes over what an earlier prober knew, without a moment of being unready', async () => {
  await serve();
  await compile('u1', { readiness: tcp({ periodSeconds: 60 }) });
  await compile('u2', { unit: 'qs-none.service' });
  await systemd.start('qs-a_web_c.service');
  begin();
  await eventually({ ready: true });
  stop.abort();
  await prober;
  await rm(join(folder, 'pods', 'u2'), { recursive: true });
  const seen: (boolean | undefined)[] = [];
  const reader = createProbeResultsReader(join(folder, 'results'));
  const watching = new AbortController();
  reader.watch((uid) => void reader.read(uid).then((read) => seen.push(read?.containers['c']?.ready)), watching);
  begin();
  await expect.poll(() => readdir(join(folder, 'results')), { timeout: 30_000 }).toEqual(['u1.json']);
  await eventually({ ready: true });
  watching.abort();
  expect(seen).not.toContain(false);
});

it('tells each incident once', async () => {
  const incidents: string[] = [];
  const watching = new AbortController();
  createProbeResultsReader(join(folder, 'results')).watch((uid, { incident }) => {
    if (incident !== undefined) incidents.push(`${uid} ${incident.container} ${incident.sequence} ${incident.reason}`);
  }, watching);
  podman.setContainer({ name: 'qs-a_web_c' });
  await compile('u1', { liveness: tcp({ failureThreshold: 3, periodSeconds: 0.1 }) });
  await systemd.start('qs-a_web_c.service');
  begin();
  const expected = ['u1 c 1 Unhealthy', 'u1 c 2 Unhealthy', 'u1 c 3 Unhealthy', 'u1 c 4 Killing'];
  await expect.poll(() => incidents, { timeout: 30_000 }).toEqual(expected);
  watching.abort();
});

it('does without probes that cannot be read', async () => {
  await mkdir(join(folder, 'pods', 'broken'), { recursive: true });
  await writeFile(join(folder, 'pods', 'broken', 'probes.json'), '{ not json');
  await serve();
  await compile('u1', { readiness: tcp() });
  await systemd.start('qs-a_web_c.service');
  begin();
  await eventually({ ready: true });
});
