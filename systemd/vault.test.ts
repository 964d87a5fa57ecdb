import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createUnitDirectory } from './unit-directory.ts';
import { createVault, type RunProgram, type Vault } from './vault.ts';

let root = '';
let calls: string[];
let errors: string[];
let failing: boolean;
let whileSealing: (() => Promise<void>) | undefined;
let vault: Vault;

const live = (path = '') => join(root, 'live', path);
const state = (path = '') => join(root, 'state', path);

/** As the scripts do it, without encryption. */
const run: RunProgram = async (program, [from = '', sealed = '', name = '']) => {
  calls.push(`${program.split('/').at(-1)} ${name}`);
  if (failing) throw new Error('no key');
  await whileSealing?.();
  whileSealing = undefined;
  if (program.endsWith('unseal')) mkdirSync(from, { recursive: true });
  else if (!existsSync(sealed)) {
    mkdirSync(`${sealed}.1`, { recursive: true });
    symlinkSync('current.1', sealed);
  }
};

const start = (): void => {
  const onError = (_: unknown, folder: string): void => void errors.push(folder);
  vault = createVault({ live: live(), state: state(), scripts: '/scripts', run, onError });
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'qs-vault-'));
  [calls, errors, failing, whileSealing] = [[], [], false, undefined];
  start();
});
afterEach(() => rmSync(root, { recursive: true }));

const secret = (content: string) => ({
  owner: 'u1',
  files: [{ root: 'sealed', path: 'pods/u1/volumes/secret/s/k', content, mode: 0o600 }] as const,
  directories: [{ root: 'sealed', path: 'pods/u1', mode: 0o700 }] as const,
  links: [],
});

function directory() {
  const roots = { quadlet: join(root, 'q'), unit: join(root, 'u'), state: state(), sealed: live() };
  return createUnitDirectory(roots, vault);
}

describe('a vault behind the unit directory', () => {
  it('encrypts what changes, once, and nothing of it lies in the state', async () => {
    const units = directory();
    await units.apply([secret('a')]);
    await units.apply([secret('a')]);
    await vault.settled();
    expect(calls).toEqual(['seal quadshift.pods.u1']);
    expect(readdirSync(state('pods/u1'))).toEqual(['sealed']);
    expect(existsSync(live('pods/u1/volumes/secret/s/k'))).toBe(true);
    await units.apply([secret('b')]);
    await vault.settled();
    expect(calls).toHaveLength(2);
    expect((await units.list()).map(({ path }) => path)).toEqual(['pods/u1/volumes/secret/s/k']);
  });

  it('encrypts once, by itself, what changes within a moment', async () => {
    const units = directory();
    await units.apply([secret('a')]);
    await units.apply([secret('b')]);
    expect(calls).toEqual([]);
    await expect.poll(() => calls, { timeout: 10_000 }).toEqual(['seal quadshift.pods.u1']);
    await expect.poll(() => vault.touched(), { timeout: 10_000 }).toEqual(new Set());
  });

  it('brings back after a boot what rests, before it looks', async () => {
    await directory().apply([secret('a')]);
    await vault.settled();
    rmSync(live(), { recursive: true });
    start();
    await directory().list();
    expect(calls.slice(1)).toEqual(['unseal quadshift.pods.u1']);
    expect(existsSync(live('pods/u1'))).toBe(true);
  });

  it('encrypts in its next life what a killed process had changed', async () => {
    await directory().apply([secret('a')]);
    await vault.settled();
    await vault.touch('pods/u1');
    start();
    await directory().apply([secret('a')]);
    await vault.settled();
    expect(calls).toEqual(['seal quadshift.pods.u1', 'seal quadshift.pods.u1']);
    expect(await vault.touched()).toEqual(new Set());
  });

  it('remembers what changes while it encrypts', async () => {
    const units = directory();
    await units.apply([secret('a')]);
    whileSealing = () => vault.touch('pods/u1');
    await vault.settled();
    expect(await vault.touched()).toEqual(new Set(['pods/u1']));
    vault.close('pods/u1');
    await vault.settled();
    expect(await vault.touched()).toEqual(new Set());
  });

  it('tells what it could not keep, and lets the pod run', async () => {
    failing = true;
    await directory().apply([secret('a')]);
    await vault.settled();
    expect(errors).toEqual(['pods/u1']);
    expect(await vault.touched()).toEqual(new Set(['pods/u1']));
  });

  it('forgets a pod whole, also while it is being encrypted', async () => {
    const units = directory();
    await units.apply([secret('a')]);
    await units.remove(['u1']);
    await vault.settled();
    expect([existsSync(live('pods/u1')), existsSync(state('pods/u1'))]).toEqual([false, false]);
  });
});
