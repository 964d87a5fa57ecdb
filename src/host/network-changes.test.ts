import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, it, onTestFinished, vi } from 'vitest';
import { createNetworkChanges, type NetworkChangesOptions } from './network-changes.ts';

const stop = new Set<AbortController>();

/** A stand-in for `ip` that runs a shell script. */
function program(script: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'ip-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'ip');
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

function watching(options: Omit<NetworkChangesOptions, 'signal'>, listener: () => void): void {
  const controller = new AbortController();
  stop.add(controller);
  const { signal } = controller;
  createNetworkChanges({ ...options, signal }).watch(listener, { signal });
}

afterEach(() => {
  for (const controller of stop) controller.abort();
  stop.clear();
});

it('tells of a change once, however many messages it makes, and of none that changes nothing', async () => {
  let state = 'a';
  let looks = 0;
  const read = () => {
    looks += 1;
    return state;
  };
  const listener = vi.fn();
  const ip = program('echo one; echo two; echo three; sleep 0.05; echo four; exec sleep 60');
  watching({ program: ip, read, settleMs: 1 }, listener);
  state = 'b';
  await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(1), 30_000);
  const before = looks;
  await vi.waitFor(() => expect(looks).toBeGreaterThan(before), 30_000);
  expect(listener).toHaveBeenCalledTimes(1);
});

it('starts a monitor that ended again, and sees what it missed', async () => {
  let state = 'a';
  const listener = vi.fn();
  const onFailure = vi.fn(() => {
    state = 'b';
  });
  watching({ program: program('exit 1'), read: () => state, settleMs: 1, retryMs: 1, onFailure }, listener);
  await vi.waitFor(() => expect(listener).toHaveBeenCalledTimes(1), 30_000);
});

it('does without the program, and says so', async () => {
  const onFailure = vi.fn();
  const listener = vi.fn();
  watching({ program: '/nowhere/ip', onFailure }, listener);
  await vi.waitFor(() => expect(onFailure).toHaveBeenCalledWith(expect.objectContaining({ code: 'ENOENT' })), 30_000);
  expect(listener).not.toHaveBeenCalled();
});
