import { expect, it } from 'vitest';
import { createFakePodman } from './fake-podman.ts';
import { createHostFactsReader } from './host-facts-reader.ts';

it('does without Podman', async () => {
  const podman = { version: () => Promise.reject(new Error('no socket')) };
  expect(await createHostFactsReader({ podman }).read()).toMatchObject({
    podmanVersion: '',
    kernelVersion: expect.any(String),
  });
  expect(await createHostFactsReader({ podman: createFakePodman() }).read()).toMatchObject({ podmanVersion: '5.4.2' });
});
