import { expect, it } from 'vitest';
import { createFakePodman } from '../../host/fake-podman.ts';
import { createFakeClock } from '../fake-clock.ts';
import { nodeImages, watchImages } from './node-images.ts';

it('lists the largest images by their digests and tags, as many as the kubelet does', async () => {
  const podman = createFakePodman();
  for (let i = 0; i < 60; i++)
    podman.addImage(`a:${i}`, { sizeBytes: i, repoTags: [`a:${i}`, 'b', 'c', 'd', 'e', 'f'] });
  const listed = nodeImages(await podman.listImages());
  expect([listed.length, listed[0]?.sizeBytes, listed.at(-1)?.sizeBytes]).toEqual([50, 59, 10]);
  expect(listed[0]?.names).toEqual([expect.stringMatching(/^a@sha256:/), 'a:59', 'b', 'c', 'd']);
});

it('hears of images that come a while later, of many as of one', () => {
  const [podman, clock, stop] = [createFakePodman(), createFakeClock(), new AbortController()];
  let heard = 0;
  watchImages({ podman, clock }, () => heard++, stop.signal);
  for (const name of ['a', 'b', 'c']) podman.addImage(name);
  podman.setContainer({ name: 'x' });
  expect(heard).toBe(0);
  clock.advance(5_000);
  expect(heard).toBe(1);
  podman.addImage('d');
  clock.advance(5_000);
  expect(heard).toBe(2);
  stop.abort();
});
