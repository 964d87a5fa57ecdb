import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { createUnitDirectory, type UnitDrift } from './unit-directory.ts';
import { lineDifference, withDrift } from './unit-drift.ts';

const unit = (description: string): string => `[Unit]\nDescription=${description}\n\n[X-Kubernetes]\nUID=u1\n`;

async function watched() {
  const folder = await mkdtemp(join(tmpdir(), 'drift-'));
  const roots = { quadlet: folder, unit: folder, state: folder, sealed: folder };
  const directory = withDrift(createUnitDirectory(roots), roots);
  const heard: UnitDrift[] = [];
  const abort = new AbortController();
  const file = { root: 'unit', path: 'qs-a.service', content: unit('a'), mode: 0o644 } as const;
  const apply = () => directory.apply([{ owner: 'u1', files: [file], directories: [], links: [] }]);
  await apply();
  directory.watch?.((drift) => heard.push(drift), { signal: abort.signal });
  return { path: join(folder, file.path), directory, apply, heard, stop: () => abort.abort() };
}

it('tells of a unit that somebody edited, and of one that is gone', async () => {
  const { path, apply, heard, stop } = await watched();
  await writeFile(path, unit('b'));
  await vi.waitFor(() => expect(heard).toHaveLength(1), 5000);
  expect(heard[0]).toEqual({
    owner: 'u1',
    root: 'unit',
    path: 'qs-a.service',
    difference: '-Description=a\n+Description=b',
  });
  expect((await apply()).changed).toEqual(['unit/qs-a.service']);
  await rm(path);
  await vi.waitFor(() => expect(heard.at(-1)?.difference).toBeUndefined(), 5000);
  stop();
});

it('passes over its own writes, and over files of others', async () => {
  const { path, directory, apply, heard, stop } = await watched();
  await writeFile(`${path}.bak`, 'x');
  await apply();
  const file = { root: 'unit', path: 'qs-a.service', content: unit('c'), mode: 0o644 } as const;
  await directory.apply([{ owner: 'u1', files: [file], directories: [], links: [] }]);
  await writeFile(path, unit('d'));
  await vi.waitFor(() => expect(heard).toHaveLength(1), 5000);
  expect(heard[0]?.difference).toBe('-Description=c\n+Description=d');
  stop();
});

it('describes a difference by its lines, and not without end', () => {
  expect(lineDifference('a\nb\nc', 'a\nx\nc\ny')).toBe('-b\n+x\n+y');
  expect(lineDifference('', 'x'.repeat(2000)).length).toBeLessThan(700);
});
