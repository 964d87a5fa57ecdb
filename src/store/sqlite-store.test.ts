import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogStore, type StoreOptions } from './log-store.ts';
import { openSqliteLog, type SqliteLog } from './sqlite-log.ts';
import { openSqliteStore } from './sqlite-store.ts';
import { type StoreHarness, storeConformance } from './store.conformance.ts';
import type { Store } from './store.ts';

function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), 'quadshift-store-'));
}

/** A log whose next commit dies inside its transaction, as on a full disk. */
function failing(log: SqliteLog): { fail: boolean; log: SqliteLog } {
  const state = { fail: false, log };
  const commit = log.commit.bind(log);
  log.commit = (batch) => {
    const first = batch.rows[0];
    if (!state.fail || first === undefined) return commit(batch);
    state.fail = false;
    return commit({ ...batch, rows: [...batch.rows, first] });
  };
  return state;
}

function harness(): StoreHarness {
  const folder = temporaryFolder();
  let store: Store | undefined;
  let state: ReturnType<typeof failing> | undefined;
  const open = (options?: StoreOptions): Store => {
    state = failing(openSqliteLog(join(folder, 'store.db')));
    store = new LogStore(state.log, options);
    return store;
  };
  return {
    open,
    reopen: async (options) => {
      await store?.close();
      return open(options);
    },
    failNextCommit: () => {
      if (state !== undefined) state.fail = true;
    },
    dispose: async () => {
      await store?.close();
      rmSync(folder, { recursive: true });
    },
  };
}

storeConformance('sqlite', harness);

describe('the database file', () => {
  let folder: string;
  let path: string;
  const thing = (data: string) => ({ metadata: { name: 'x' }, data });

  beforeEach(() => {
    folder = temporaryFolder();
    path = join(folder, 'deep', 'store.db');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is made with its folder and readable by its owner only, its journal too', async () => {
    const store = openSqliteStore(path);
    await store.write({ type: 'create', key: '/g/t/a/x', object: thing('1') });
    expect([path, `${path}-wal`].map((file) => (statSync(file).mode & 0o777).toString(8))).toEqual(['600', '600']);
    await store.close();
  });

  it('is refused to a second opener with a clear word', async () => {
    const store = openSqliteStore(path);
    expect(() => openSqliteLog(path, 50)).toThrow(/store\.db is in use by another process/);
    await store.close();
    await openSqliteStore(path).close();
  });

  it('is refused when it is not a database', () => {
    path = join(folder, 'store.db');
    writeFileSync(path, 'this is not a database, but it is long enough to look at'.repeat(100));
    expect(() => openSqliteStore(path)).toThrow(expect.objectContaining({ reason: 'corrupt' }));
  });

  it('is refused when its middle is gone', async () => {
    const store = openSqliteStore(path);
    const writes = Array.from({ length: 200 }, (_, i) =>
      store.write({ type: 'create', key: `/g/t/a/${i}`, object: thing('long'.repeat(100)) }),
    );
    await Promise.all(writes);
    await store.close();
    truncateSync(path, statSync(path).size / 2);
    expect(() => openSqliteStore(path)).toThrow(expect.objectContaining({ reason: 'corrupt' }));
  });

  it('is refused when a newer version wrote it', async () => {
    await openSqliteStore(path).close();
    const database = new DatabaseSync(path);
    database.exec('PRAGMA user_version = 99');
    database.close();
    expect(() => openSqliteStore(path)).toThrow(/written by a newer version \(schema 99/);
  });

  it('keeps one row per live object and the recent events, no more', async () => {
    const store = openSqliteStore(path, { maxEvents: 10 });
    let revision = 0;
    for (let i = 0; i < 300; i++) {
      const write = { key: '/g/t/a/x', object: thing(String(i)) };
      const result = await store.write(
        revision === 0 ? { type: 'create', ...write } : { type: 'update', ...write, expectedRevision: revision },
      );
      revision = result.outcome === 'ok' ? result.entry.revision : 0;
    }
    await store.close();
    const database = new DatabaseSync(path);
    expect(database.prepare('SELECT count(*) AS rows FROM log').get()).toEqual({ rows: 11 });
    database.close();
  });
});

describe('a process killed in the middle of its writes', () => {
  it('has lost nothing it acknowledged and repeats no revision', async () => {
    const folder = temporaryFolder();
    const path = join(folder, 'store.db');
    const acknowledged: { key: string; revision: number }[] = [];
    for (let round = 0; round < 3; round++) {
      const before = acknowledged.length;
      const script = new URL('./testdata/write-forever.ts', import.meta.url).pathname;
      const child = spawn(process.execPath, [script, path, String(round)], { stdio: ['ignore', 'pipe', 'inherit'] });
      const exited = once(child, 'exit');
      for await (const line of createInterface({ input: child.stdout })) {
        const [key = '', revision] = line.split(' ');
        acknowledged.push({ key, revision: Number(revision) });
        if (acknowledged.length === before + 500) child.kill('SIGKILL');
      }
      await exited;
    }
    const store = openSqliteStore(path);
    const lost = acknowledged.filter(({ key, revision }) => (store.get(key)?.revision ?? 0) < revision);
    expect(lost).toEqual([]);
    expect(new Set(acknowledged.map(({ revision }) => revision)).size).toBe(acknowledged.length);
    expect(acknowledged.length).toBeGreaterThanOrEqual(1500);
    await store.close();
    rmSync(folder, { recursive: true });
  }, 60_000);
});
