import { expect, it } from 'vitest';
import { createFakeServiceManager } from '../../../systemd/fake-service-manager.ts';
import type { DesiredFiles, UnitDirectory } from '../../../systemd/unit-directory.ts';
import type { UnitLearner } from '../../../systemd/unit-learner.ts';
import { systemClock } from '../clock.ts';
import { createHostBatch } from './host-batch.ts';

/** A directory in which everything is as it should be already, unless told. */
function directory(state: { reloadNeeded: boolean }): UnitDirectory {
  const change = async () => ({
    changed: [],
    reloadNeeded: state.reloadNeeded,
    onlyNew: state.reloadNeeded,
    onlyGone: false,
  });
  return { apply: change, remove: change, list: async () => [] };
}

const nothing: DesiredFiles = { owner: 'u1', files: [], directories: [], links: [] };

function setUp(learner?: UnitLearner) {
  const serviceManager = createFakeServiceManager();
  const state = { reloadNeeded: false };
  const parts = { directory: directory(state), serviceManager, clock: systemClock };
  const batch = createHostBatch(learner ? { ...parts, learner } : parts);
  const reloads = (): number => serviceManager.calls.filter((call) => call === 'reload').length;
  return { serviceManager, state, batch, reloads };
}

it('reloads once at first, as an earlier process may have died between its files and its reload', async () => {
  const { batch, reloads } = setUp();
  await batch.apply(nothing);
  expect(reloads()).toBe(1);
  await batch.apply(nothing);
  expect(reloads()).toBe(1);
});

it('still owes a reload that failed', async () => {
  const { batch, reloads, serviceManager, state } = setUp();
  await batch.apply(nothing);
  const { reload } = serviceManager;
  serviceManager.reload = () => Promise.reject(new Error('the bus is gone'));
  state.reloadNeeded = true;
  await expect(batch.apply(nothing)).rejects.toThrow('the bus is gone');
  state.reloadNeeded = false;
  serviceManager.reload = reload;
  await batch.apply(nothing);
  expect(reloads()).toBe(2);
});

it('reloads nothing for what systemd can be shown', async () => {
  const shown: boolean[] = [];
  const { batch, reloads, state } = setUp({ learn: async (changes) => shown.push(changes[0]?.onlyNew ?? false) > 0 });
  await batch.apply(nothing);
  state.reloadNeeded = true;
  await batch.apply(nothing);
  expect(shown).toEqual([true]);
  expect(reloads()).toBe(1);
});

it('reloads after all when systemd cannot be shown what is new', async () => {
  const { batch, reloads, state } = setUp({ learn: async () => false });
  await batch.apply(nothing);
  state.reloadNeeded = true;
  await batch.apply(nothing);
  expect(reloads()).toBe(2);
});
