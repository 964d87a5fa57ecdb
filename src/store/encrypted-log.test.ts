import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encryptLog } from './encrypted-log.ts';
import { LogStore } from './log-store.ts';
import { MemoryLog } from './memory-store.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { type StoreHarness, storeConformance } from './store.conformance.ts';
import type { Store } from './store.ts';

const KEY = new Uint8Array(32).fill(7);
const SECRETS = ['//secrets/'];

function harness(): StoreHarness {
  const log = new MemoryLog();
  let store: Store | undefined;
  const open: StoreHarness['open'] = (options) => {
    store = new LogStore(encryptLog(log, { key: KEY, prefixes: ['/'] }), options);
    return store;
  };
  return {
    open,
    reopen: async (options) => {
      await store?.close();
      return open(options);
    },
    failNextCommit: () => {
      log.failure = new Error('no space');
    },
    dispose: async () => store?.close(),
  };
}

storeConformance('encrypted', harness);

describe('a store with encrypted Secrets', () => {
  let folder: string;
  const path = (): string => join(folder, 'store.db');
  const open = (key: Uint8Array | undefined) => openSqliteStore(path(), { encryption: { key, prefixes: SECRETS } });
  const onDisk = (text: string): boolean =>
    readdirSync(folder).some((name) => readFileSync(join(folder, name)).includes(text));
  const put = (store: Store, plural: string, value: string) =>
    store.write({
      type: 'create',
      key: `//${plural}/shop/a`,
      object: { metadata: { name: 'a' }, data: { value } } as object,
    });

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'quadshift-sealed-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('keeps them readable for itself alone', async () => {
    const store = open(KEY);
    await put(store, 'secrets', 'hidden-word');
    await put(store, 'configmaps', 'open-word');
    await store.close();
    expect([onDisk('hidden-word'), onDisk('open-word')]).toEqual([false, true]);
    const again = open(KEY);
    expect(again.get('//secrets/shop/a')?.object).toMatchObject({ data: { value: 'hidden-word' } });
    await again.close();
  });

  it('encrypts what was stored before there was a key, and leaves nothing of it', async () => {
    const store = open(undefined);
    await put(store, 'secrets', 'hidden-word');
    await store.close();
    expect(onDisk('hidden-word')).toBe(true);
    const again = open(KEY);
    expect(again.get('//secrets/shop/a')?.object).toMatchObject({ data: { value: 'hidden-word' } });
    await again.close();
    expect(onDisk('hidden-word')).toBe(false);
  });

  it('does not open without its key, and says what is missing', async () => {
    const store = open(KEY);
    await put(store, 'secrets', 'x');
    await store.close();
    expect(() => open(undefined)).toThrow(/credential quadshift\.store-key isn't here/);
    expect(() => open(new Uint8Array(32))).toThrow(/encrypted with another key/);
    await open(KEY).close();
  });
});
