import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { createUnitDirectory, type UnitDrift } from './unit-directory.ts';
import { lineDifference, withDrift } from './unit-drift.ts';

const unit = (description: string): string => `[Unit]\nDescription=${description}\n\n[X-Kubernetes]\nUID=u1\n`;

/** What every apply waits for. */
let hold = async (): Promise<void> => undefined;
afterEach(() => {
  hold = async () => undefined;
});

async function watched(path = 'qs-a.service') {
  const folder = await mkdtemp(join(tmpdir(), 'drift-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const roots = { quadlet: folder, unit: folder, state: folder, sealed: folder };
  const inner = createUnitDirectory(roots);
  const directory = withDrift({ ...inner, apply: (desired) => hold().then(() => inner.apply(desired)) }, roots);
  const heard: UnitDrift[] = [];
  const abort = new AbortController();
  const file = { root: 'unit', path, content: unit('a'), mode: 0o644 } as const;
  const apply = () => directory.apply([{ owner: 'u1', files: [file], directories: [], links: [] }]);
  await apply();
  directory.watch?.((drift) => heard.push(drift), { signal: abort.signal });
  return { folder, path: join(folder, file.path), directory, apply, heard, stop: () => abort.abort() };
}

it('tells of a unit that somebody edited, and of one that is gone', async () => {
  const { path, apply, heard, stop } = await watched();
  await writeFile(path, unit('b'));
  await vi.waitFor(() => expect(heard).toHaveLength(1), 30_000);
  expect(heard[0]).toEqual({
    owner: 'u1',
    root: 'unit',
    path: 'qs-a.service',
    difference: '-Description=a\n+Description=b',
  });
  expect((await apply()).changed).toEqual(['unit/qs-a.service']);
  await rm(path);
  await vi.waitFor(() => expect(heard.at(-1)?.difference).toBeUndefined(), 30_000);
  stop();
});

it('tells of a drop-in that somebody edits, and again once its folder had to be made anew', async () => {
  const { folder, path, apply, heard, stop } = await watched('qs-a.service.d/10-a.conf');
  const told = (count: number) => vi.waitFor(() => expect(heard).toHaveLength(count), 30_000);
  await writeFile(path, unit('b'));
  await told(1);
  expect(heard[0]).toMatchObject({ owner: 'u1', path: 'qs-a.service.d/10-a.conf' });
  expect((await apply()).changed).toEqual(['unit/qs-a.service.d/10-a.conf']);
  for (const takeAway of [
    () => rm(join(path, '..'), { recursive: true }),
    () => rename(join(path, '..'), folder + 1),
  ]) {
    heard.length = 0;
    await takeAway();
    await told(1);
    expect(heard[0]?.difference).toBeUndefined();
    await apply();
    await writeFile(path, unit('c'));
    await told(2);
    await apply();
  }
  stop();
});

it('watches drop-ins that come later, and none that were taken off', async () => {
  const { folder, directory, heard, stop } = await watched();
  const path = 'qs-b.service.d/10-a.conf';
  const file = { root: 'unit', path, content: unit('b').replace('u1', 'u2'), mode: 0o644 } as const;
  await directory.apply([{ owner: 'u2', files: [file], directories: [], links: [] }]);
  await writeFile(join(folder, path), unit('x'));
  await vi.waitFor(() => expect(heard).toHaveLength(1), 30_000);
  await directory.apply([{ owner: 'u2', files: [], directories: [], links: [] }]);
  await directory.remove(['u2']);
  await writeFile(join(folder, 'qs-a.service'), unit('x'));
  await vi.waitFor(() => expect(heard).toHaveLength(2), 30_000);
  expect(heard.map((one) => one.owner)).toEqual(['u2', 'u1']);
  stop();
});

it('passes over its own writes, and over files of others', async () => {
  const { path, directory, apply, heard, stop } = await watched();
  await writeFile(`${path}.bak`, 'x');
  await apply();
  const file = { root: 'unit', path: 'qs-a.service', content: unit('c'), mode: 0o644 } as const;
  await directory.apply([{ owner: 'u1', files: [file], directories: [], links: [] }]);
  await writeFile(path, unit('d'));
  await vi.waitFor(() => expect(heard).toHaveLength(1), 30_000);
  expect(heard[0]?.difference).toBe('-Description=c\n+Description=d');
  stop();
});

it('passes over what is still being written', async () => {
  const { folder, path, directory, heard, stop } = await watched();
  // As a slow disk: the folder is there long before the file.
  const slow = 'qs-b.service.d/10-a.conf';
  const file = { root: 'unit', path: slow, content: unit('b').replace('u1', 'u2'), mode: 0o644 } as const;
  const { promise, resolve } = Promise.withResolvers<void>();
  hold = () => promise;
  const applied = directory.apply([{ owner: 'u2', files: [file], directories: [], links: [] }]);
  await mkdir(join(folder, 'qs-b.service.d'));
  // Told of later: by then the folder was looked at.
  await writeFile(path, unit('x'));
  await vi.waitFor(() => expect(heard).not.toEqual([]), 30_000);
  resolve();
  await applied;
  await writeFile(`${folder}/edited`, unit('y'));
  await rename(`${folder}/edited`, join(folder, slow));
  await vi.waitFor(() => expect(heard.length).toBeGreaterThan(1), 30_000);
  expect(heard.map(({ owner, difference }) => [owner, difference?.includes('+Description')])).toEqual([
    ['u1', true],
    ['u2', true],
  ]);
  stop();
});

it('describes a difference by its lines, and not without end', () => {
  expect(lineDifference('a\nb\nc', 'a\nx\nc\ny')).toBe('-b\n+x\n+y');
  expect(lineDifference('', 'x'.repeat(2000)).length).toBeLessThan(700);
});
