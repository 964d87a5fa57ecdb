import { access, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createImageHolds } from './image-holds.ts';

let pods = '';
beforeEach(async () => {
  pods = await mkdtemp(join(tmpdir(), 'qs-holds-'));
});
afterEach(() => rm(pods, { recursive: true }));

const isMarked = (name: string): Promise<boolean> =>
  access(join(pods, 'u', 'containers', name, 'awaits-image')).then(
    () => true,
    () => false,
  );

it('marks containers that wait, lets them go, and finds marks of before again', async () => {
  const holds = createImageHolds(pods);
  expect([await holds.get('u'), holds.isHolding('u')]).toEqual([[], false]);
  await holds.set('u', ['a', 'b']);
  expect([await isMarked('a'), await isMarked('b'), holds.isHolding('u')]).toEqual([true, true, true]);
  await holds.set('u', ['b']);
  expect([await isMarked('a'), await isMarked('b')]).toEqual([false, true]);
  const later = createImageHolds(pods);
  expect(await later.get('u')).toEqual(['b']);
  await later.set('u', []);
  expect([await isMarked('b'), later.isHolding('u')]).toEqual([false, false]);
});
