import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openSqliteLog } from './sqlite-log.ts';

let folder: string;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  folder = mkdtempSync(join(tmpdir(), 'quadshift-wal-'));
});

afterEach(() => {
  vi.useRealTimers();
  rmSync(folder, { recursive: true });
});

function opened() {
  const path = join(folder, 'store.db');
  const log = openSqliteLog(path);
  const marker = 'carried over';
  const commit = (revision: number) => {
    const row = { revision, key: '/g/t/x', createRevision: 1, json: `"${marker} ${'x'.repeat(3000)}"`, type: 'ADDED' };
    log.commit({ rows: [row as never], dropped: [], compactedRevision: 0 });
  };
  return { log, commit, holds: () => readFileSync(path).includes(marker) };
}

test('what was written is carried over once writes have paused, not while they come', () => {
  const { log, commit, holds } = opened();
  for (let revision = 1; revision <= 800; revision++) commit(revision);
  vi.advanceTimersByTime(1900);
  commit(801);
  vi.advanceTimersByTime(1900);
  expect(holds()).toBe(false);
  vi.advanceTimersByTime(200);
  expect(holds()).toBe(true);
  log.close();
  vi.advanceTimersByTime(10_000);
});

test('few writes stay in the log: the disk is not written twice for each', () => {
  const { log, commit, holds } = opened();
  for (let revision = 1; revision <= 100; revision++) commit(revision);
  vi.advanceTimersByTime(60_000);
  expect(holds()).toBe(false);
  log.close();
});
