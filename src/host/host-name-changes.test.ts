import { mkdtempSync, renameSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createHostNameChanges } from './host-name-changes.ts';

let stop: AbortController;
let folder: string;

beforeEach(() => {
  stop = new AbortController();
  folder = mkdtempSync(join(tmpdir(), 'hostname-'));
});
afterEach(() => stop.abort());

/** Replaces a file of the folder, as hostnamectl does. */
function replace(name: string): void {
  writeFileSync(join(folder, '.new'), 'b');
  renameSync(join(folder, '.new'), join(folder, name));
}

it('tells of another name, when its file was replaced and the kernel has followed', async () => {
  let name = 'a';
  const listener = vi.fn();
  const { signal } = stop;
  createHostNameChanges({ folder, read: () => name, settleMs: 1, signal }).watch(listener, { signal });
  replace('hostname');
  name = 'b';
  await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(1), 30_000);
  // The file alone changes nothing.
  replace('hostname');
  name = 'c';
  replace('hostname');
  await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(2), 30_000);
});

it('says so when it can’t hear', () => {
  const onFailure = vi.fn();
  createHostNameChanges({ folder: join(folder, 'none'), onFailure, signal: stop.signal });
  expect(onFailure).toHaveBeenCalledOnce();
});
