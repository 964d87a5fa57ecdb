import { expect, it } from 'vitest';
import { createFakeServiceManager } from '../../../systemd/fake-service-manager.ts';
import { createFakePodman } from '../../host/fake-podman.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createTeardowns } from './teardown.ts';

const POD = { uid: 'u1', units: ['qs-a_b.service', 'qs-a_b__pod.service', 'qs-a_b_app.service'] };

/** Tears the pod down on a machine where these units have failed; tells what Podman was asked for and still has. */
async function tearDown(failed: readonly string[]) {
  const manager = createFakeServiceManager();
  const podman = createFakePodman();
  podman.setContainer({ name: 'qs-a_b__infra', pod: 'qs-a_b', labels: { 'io.kubernetes.pod.uid': 'u1' } });
  podman.setContainer({ name: 'qs-c_d__infra', pod: 'qs-c_d', labels: { 'io.kubernetes.pod.uid': 'u2' } });
  const removed: string[] = [];
  const peek = async (unit: string) =>
    failed.includes(unit) ? { ...(await manager.get(unit)), activeState: 'failed' as const } : undefined;
  const teardowns = createTeardowns({
    serviceManager: { ...manager, peek },
    podman,
    batch: { apply: async () => false, remove: async (uid) => removed.push(uid) > 0 },
    inventory: { delete: () => {} } as never,
    clock: createFakeClock(),
    log: { warn: () => {} } as never,
  });
  await new Promise<void>((resolve) => teardowns.begin(POD, 0, resolve));
  const left = (await podman.listContainers({})).map(({ name }) => name);
  return { removed, left, calls: podman.calls.filter((call) => call.startsWith('pod rm')) };
}

it("takes Podman's pod away where the unit that should have done it was cut off", async () => {
  const { removed, left, calls } = await tearDown(['qs-a_b__pod.service']);
  expect(calls).toEqual(['pod rm qs-a_b']);
  expect(left).toEqual(['qs-c_d__infra']);
  expect(removed).toEqual(['u1']);
});

it('asks Podman for nothing where only containers have failed', async () => {
  const { removed, calls } = await tearDown(['qs-a_b_app.service']);
  expect(calls).toEqual([]);
  expect(removed).toEqual(['u1']);
});
