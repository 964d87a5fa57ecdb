import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pageOutside, untilPage } from './clients.ts';
import { box, eventually } from './harness.ts';
import { type LoadReport, startLoad } from './load.ts';
import { webDeployment } from './manifests.ts';
import { apply, podsOf, remove, run, untilRolledOut } from './pods.ts';

const NODE_PORT = 30_191;
const RATE = 200;

// The grace is Kubernetes' own: on a busy machine it takes more than a second until nobody is sent to a pod any more.
beforeAll(async () => {
  await apply(webDeployment({ name: 'rolling', replicas: 3, graceSeconds: 30 }));
  const ports = [{ port: 80, targetPort: 8080, nodePort: NODE_PORT }];
  const spec = { type: 'NodePort', selector: { app: 'rolling' }, ports };
  const metadata = { name: 'rolling', namespace: 'default' };
  await apply(JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata, spec }));
  await untilRolledOut('rolling');
  // The first that is turned away says nothing of a rollout.
  const address = await box.address();
  await untilPage(() => pageOutside(`http://${address}:${NODE_PORT}/`), /v1/);
});

afterAll(() => remove('deployment/rolling', 'service/rolling'));

/** What became of the requests that were sent meanwhile, and until nothing of the old pods is left. */
async function underLoad(change: () => Promise<unknown>, pods: number): Promise<LoadReport> {
  const load = startLoad(`http://${await box.address()}:${NODE_PORT}/`, { perSecond: RATE });
  await change();
  await untilRolledOut('rolling');
  await eventually(async () => expect(await podsOf('rolling')).toHaveLength(pods), { what: 'the old pods are gone' });
  return load.stop();
}

describe(`under ${RATE} requests a second through the Service, none fails`, () => {
  it('while a new version is rolled out', async () => {
    const report = await underLoad(() => run('set', 'image', 'deployment/rolling', 'web=localhost:5000/hello:v2'), 3);
    expect(report.failures).toEqual([]);
    expect(report.sent).toBeGreaterThan(2 * RATE);
  });

  it('while it is taken back', async () => {
    const report = await underLoad(() => run('rollout', 'undo', 'deployment/rolling'), 3);
    expect(report.failures).toEqual([]);
  });

  it('while pods are taken away', async () => {
    const report = await underLoad(() => run('scale', 'deployment/rolling', '--replicas=1'), 1);
    expect(report.failures).toEqual([]);
  });
});
