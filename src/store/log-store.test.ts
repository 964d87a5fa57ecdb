import fc from 'fast-check';
import { afterEach, expect, it, vi } from 'vitest';
import { LogStore } from './log-store.ts';
import { MemoryLog } from './memory-store.ts';
import type { Store, StoreEvent } from './store.ts';

interface Change {
  readonly type: 'create' | 'update' | 'delete';
  readonly name: string;
  readonly fresh: boolean;
}

type Operation = Change | { readonly type: 'settle' } | { readonly type: 'reopen' };

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      type: fc.constantFrom('create' as const, 'update' as const, 'delete' as const),
      name: fc.constantFrom('a/x', 'a/y', 'b/x'),
      fresh: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ type: 'settle' as const }) },
  { weight: 1, arbitrary: fc.constant({ type: 'reopen' as const }) },
);

/** State per revision as a reader of events would rebuild it. */
type Snapshot = ReadonlyMap<string, number>;

function applyTo(state: Snapshot, event: StoreEvent): Snapshot {
  const next = new Map(state);
  if (event.type === 'DELETED') next.delete(event.entry.key);
  else next.set(event.entry.key, event.revision);
  return next;
}

function seen(entries: readonly { readonly key: string; readonly revision: number }[]): Snapshot {
  return new Map(entries.map(({ key, revision }) => [key, revision]));
}

/** Runs operations; returns the store and the state after every revision. */
async function run(operations: readonly Operation[]): Promise<{ store: Store; history: Map<number, Snapshot> }> {
  const log = new MemoryLog();
  const history = new Map<number, Snapshot>([[0, new Map()]]);
  let state: Snapshot = new Map();
  const open = (): Store => {
    const opened = new LogStore(log, { maxEvents: 8, maxBatch: 3 });
    opened.subscribe('/', (events) => {
      for (const event of events) {
        expect(event.previous?.revision).toBe(state.get(event.entry.key));
        state = applyTo(state, event);
        history.set(event.revision, state);
      }
    });
    return opened;
  };
  let store = open();
  let pending: Promise<unknown>[] = [];
  for (const op of operations) {
    if (op.type === 'settle' || op.type === 'reopen') {
      await Promise.all(pending);
      pending = [];
      if (op.type === 'settle') continue;
      await store.close();
      store = open();
      continue;
    }
    const key = `/g/t/${op.name}`;
    const expectedRevision = op.fresh ? (store.get(key)?.revision ?? 0) : 1;
    const object = { metadata: { name: op.name } };
    pending.push(
      store.write(
        op.type === 'create' ? { type: 'create', key, object } : { type: op.type, key, object, expectedRevision },
      ),
    );
  }
  await Promise.all(pending);
  return { store, history };
}

it('agrees with a reader of its events at every retained revision, in any order of writes and reopens', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { maxLength: 60 }), async (operations) => {
      const { store, history } = await run(operations);
      expect(seen(store.list('/'))).toEqual(history.get(store.revision));
      for (let revision = store.compactedRevision; revision <= store.revision; revision++) {
        expect(seen(store.listAt('/', revision))).toEqual(history.get(revision));
      }
      expect(store.revision - store.compactedRevision).toBeLessThanOrEqual(8 + 3);
      await store.close();
    }),
    { numRuns: 150 },
  );
});

afterEach(() => {
  vi.useRealTimers();
});

it('keeps texts alone when it rests, and reads the same from them', async () => {
  const store = new LogStore(new MemoryLog());
  await store.write({ type: 'create', key: '/g/t/a/x', object: { metadata: { name: 'x' } } });
  const before = store.get('/g/t/a/x')?.object;
  store.rest();
  const after = store.get('/g/t/a/x')?.object;
  expect(after).toEqual(before);
  expect(after).not.toBe(before);
  await store.close();
});

it('lets go of old history without a write, and of its rows with the next ones', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const log = new MemoryLog();
  const open = () => new LogStore(log, { retention: 60_000 });
  const store = open();
  const key = '/g/t/a/x';
  const update = async () => {
    const expectedRevision = store.get(key)?.revision ?? 0;
    await store.write({ type: 'update', key, object: { metadata: { name: 'x' } }, expectedRevision });
  };
  await store.write({ type: 'create', key, object: { metadata: { name: 'x' } } });
  for (let round = 0; round < 99; round++) await update();
  expect([store.compactedRevision, [...log.load().rows].length]).toEqual([0, 100]);
  vi.advanceTimersByTime(120_000);
  expect([store.compactedRevision, [...log.load().rows].length]).toEqual([100, 100]);
  expect(store.get(key)?.revision).toBe(100);
  // Each commit takes a part of what is due.
  await update();
  const between = log.load();
  expect([between.compactedRevision, [...between.rows].length]).toEqual([64, 38]);
  expect(new LogStore(log).list('/')).toHaveLength(1);
  await update();
  const after = log.load();
  expect([after.compactedRevision, [...after.rows].map(({ revision }) => revision)]).toEqual([100, [100, 101, 102]]);
  await store.close();
});
