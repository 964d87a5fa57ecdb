import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createPulledImages } from './pulled-images.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'qs-pulled-'));
});
afterEach(() => rm(folder, { recursive: true }));

it('remembers what was pulled over restarts, also when several pulls end at once', async () => {
  const file = join(folder, 'deep', 'images');
  const images = createPulledImages(file);
  await Promise.all([images.add('a'), images.add('b'), images.add('a'), images.add('c')]);
  await images.delete(['b', 'unknown']);
  expect(await images.all()).toEqual(['a', 'c']);
  expect(await createPulledImages(file).all()).toEqual(['a', 'c']);
});

it('goes on after a write that failed', async () => {
  await writeFile(join(folder, 'file'), '');
  const images = createPulledImages(join(folder, 'file', 'images'));
  await expect(images.add('a')).rejects.toThrow();
  expect(await images.all()).toEqual([]);
});
