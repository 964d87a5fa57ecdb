import { afterEach, expect, it } from 'vitest';
import { createFakeServiceManager } from '../../../systemd/fake-service-manager.ts';
import { createFakePodman } from '../../host/fake-podman.ts';
import type { Pod } from '../../kinds/types.ts';
import { createFakeHouse } from '../fake-house.ts';
import { isPodReady } from '../workloads/pod-facts.ts';
import type { GatheredTokens } from './agent.ts';
import { showsOwnMetadata } from './references.ts';

const house = createFakeHouse({
  serviceManager: (now) => createFakeServiceManager({ now }),
  podman: (now) => createFakePodman({ now }),
});
afterEach(() => house.stop());

/** Sooner than the resync of ten minutes. */
const RENEWAL_MS = 300_000;
const POD: Pod = {
  metadata: { name: 'web', namespace: 'default' },
  spec: { nodeName: 'host', containers: [{ name: 'app', image: 'localhost/hello:1' }] },
};

it('has no files before it has its tokens, and is looked at when one of them is to be renewed', async () => {
  let gathered: GatheredTokens = {
    tokens: new Map(),
    renewAfterMs: 10_000,
    failures: [{ volume: 'v', message: 'failed to fetch token: serviceaccounts "default" not found' }],
  };
  let looks = 0;
  const tokens = async (): Promise<GatheredTokens> => {
    looks += 1;
    return gathered;
  };
  const { resources, serviceManager, clock } = house;
  house.podman.addImage('localhost/hello:1');
  house.start({ tokens });
  await house.until(() => resources.configMaps.find('default', 'kube-root-ca.crt') !== undefined, 'the namespace');
  await resources.pods.create(POD);
  const message =
    'MountVolume.SetUp failed for volume "v" : failed to fetch token: serviceaccounts "default" not found';
  await house.until(() => resources.events.list().some((e) => e.message === message), 'FailedMount');
  expect([...house.unitDirectory.owners]).toEqual([]);
  gathered = { tokens: new Map([['v/token', 'one']]), renewAfterMs: RENEWAL_MS, failures: [] };
  const isReady = (): boolean => {
    const pod = resources.pods.find('default', 'web');
    return pod !== undefined && isPodReady(pod);
  };
  await house.until(isReady, 'the pod is ready', 100);
  expect((await serviceManager.get('qs-default_web.service')).activeState).toBe('active');
  // Whatever was still due while it started.
  clock.advance(RENEWAL_MS / 10);
  await house.settle();
  const [before, since] = [looks, clock.now()];
  await house.until(() => looks > before, 'another look', 1000);
  expect(clock.now() - since).toBeGreaterThan(RENEWAL_MS * 0.8);
  expect(clock.now() - since).toBeLessThan(RENEWAL_MS * 1.1);
});

it('shows its labels or annotations only by a field of them in a volume', () => {
  const shows = (fieldPath: string): boolean =>
    showsOwnMetadata({
      spec: {
        containers: [],
        volumes: [
          { name: 'v', projected: { sources: [{ downwardAPI: { items: [{ path: 'p', fieldRef: { fieldPath } }] } }] } },
        ],
      },
    });
  expect(['metadata.labels', "metadata.annotations['a']", 'metadata.namespace'].map(shows)).toEqual([
    true,
    true,
    false,
  ]);
});
