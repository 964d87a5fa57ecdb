import { expect, it } from 'vitest';
import { createFakeServiceManager } from '../../../systemd/fake-service-manager.ts';
import { createFakePodman } from '../../host/fake-podman.ts';
import { createFakeClock } from '../fake-clock.ts';
import { createHostView } from './host-view.ts';

const UNIT = 'qs-a_web_app.service';
const [FORMER, PRESENT] = ['qs-pod-1_1.slice', 'qs-pod-2_2.slice'];

async function setUp(slice: string) {
  const clock = createFakeClock();
  const manager = createFakeServiceManager({ now: () => clock.now() * 1000 });
  const view = createHostView(manager, createFakePodman({ now: clock.now }), clock);
  manager.define({ name: UNIT, slice });
  await manager.reload();
  await manager.start(UNIT);
  const look = async () => [...(await view.read({ uid: '2-2', slice: PRESENT, units: [UNIT] })).units.keys()];
  return { manager, view, look };
}

it('tells of units in the slice of the pod, or of no pod', async () => {
  for (const slice of [PRESENT, 'system.slice']) expect(await (await setUp(slice)).look()).toEqual([UNIT]);
});

it('does not take the units of a pod that had the name before for those of the present one', async () => {
  const { manager, view, look } = await setUp(FORMER);
  expect(await look()).toEqual([]);
  await manager.stop(UNIT);
  view.changed(UNIT);
  expect(await look()).toEqual([]);
});
