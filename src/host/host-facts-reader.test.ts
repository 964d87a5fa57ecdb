import { expect, it } from 'vitest';
import { createFakePodman } from './fake-podman.ts';
import { createHostFactsReader, pressureConditions } from './host-facts-reader.ts';

const plenty = {
  memory: { totalBytes: 4e9, availableBytes: 2e9, swapTotalBytes: 0 },
  disk: { totalBytes: 1e9, availableBytes: 5e8, totalInodes: 1_000, freeInodes: 500 },
  pids: { used: 100, max: 32_768 },
};
const calm = { memoryPressure: false, diskPressure: false, pidPressure: false };

it('reports pressure at the thresholds, and none where nothing is known', () => {
  const { memory, disk, pids } = plenty;
  expect(pressureConditions(plenty)).toEqual(calm);
  expect(
    pressureConditions({ ...plenty, memory: { ...memory, availableBytes: 99 * 1024 * 1024 } }).memoryPressure,
  ).toBe(true);
  expect(pressureConditions({ ...plenty, disk: { ...disk, availableBytes: 9e7 } }).diskPressure).toBe(true);
  expect(pressureConditions({ ...plenty, disk: { ...disk, freeInodes: 49 } }).diskPressure).toBe(true);
  expect(pressureConditions({ ...plenty, pids: { ...pids, used: 32_000 } }).pidPressure).toBe(true);
  const nothing = { totalBytes: 0, availableBytes: 0 };
  const unknown = {
    memory: { ...nothing, swapTotalBytes: 0 },
    disk: { ...nothing, totalInodes: 0, freeInodes: 0 },
    pids: { used: 0, max: Number.POSITIVE_INFINITY },
  };
  expect(pressureConditions(unknown)).toEqual(calm);
});

it('does without Podman', async () => {
  const podman = { version: () => Promise.reject(new Error('no socket')) };
  expect(await createHostFactsReader({ podman }).read()).toMatchObject({
    podmanVersion: '',
    kernelVersion: expect.any(String),
  });
  expect(await createHostFactsReader({ podman: createFakePodman() }).read()).toMatchObject({ podmanVersion: '5.4.2' });
});
