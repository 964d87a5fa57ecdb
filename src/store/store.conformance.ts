import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubernetesObject } from '../machinery/object.ts';
import type { StoreOptions } from './log-store.ts';
import {
  RevisionCompactedError,
  type Store,
  type StoreEvent,
  type StoreWatch,
  WatchOverflowError,
  type WriteResult,
} from './store.ts';

/** What a driver gives to the suite. */
export interface StoreHarness {
  open(options?: StoreOptions): Store;
  /** Closes the current store and opens what it left behind. */
  reopen(options?: StoreOptions): Promise<Store>;
  /** Makes the next commit fail without changing anything. */
  failNextCommit(): void;
  dispose(): Promise<void>;
}

function object(name: string, data: string): KubernetesObject & { readonly data: string } {
  return { apiVersion: 'v1', kind: 'Thing', metadata: { name, namespace: 'a' }, data };
}

function keyOf(name: string, namespace = 'a'): string {
  return `/g/things/${namespace}/${name}`;
}

function create(store: Store, name: string, data = '1'): Promise<WriteResult> {
  return store.write({ type: 'create', key: keyOf(name), object: object(name, data) });
}

function update(store: Store, name: string, data: string): Promise<WriteResult> {
  const expectedRevision = store.get(keyOf(name))?.revision ?? 0;
  return store.write({ type: 'update', key: keyOf(name), object: object(name, data), expectedRevision });
}

function remove(store: Store, name: string): Promise<WriteResult> {
  return store.write({ type: 'delete', key: keyOf(name), expectedRevision: store.get(keyOf(name))?.revision ?? 0 });
}

function brief(event: StoreEvent): string {
  const data = (event.entry.object as { data?: string }).data;
  return `${event.type} ${event.entry.object.metadata?.name}=${data}@${event.entry.object.metadata?.resourceVersion}`;
}

async function take(watch: StoreWatch, count: number): Promise<string[]> {
  const iterator = watch[Symbol.asyncIterator]();
  const events: string[] = [];
  while (events.length < count) {
    const { done, value } = await iterator.next();
    if (done === true) break;
    events.push(brief(value));
  }
  return events;
}

/** The behaviour every store has. */
export function storeConformance(name: string, makeHarness: () => StoreHarness): void {
  describe(`store conformance: ${name}`, () => {
    let harness: StoreHarness;
    let store: Store;

    beforeEach(() => {
      harness = makeHarness();
      store = harness.open();
    });
    afterEach(() => harness.dispose());

    it('stores an object with its resourceVersion in the object and in its text', async () => {
      const result = await create(store, 'x');
      const entry = store.get(keyOf('x'));
      expect(result).toEqual({ outcome: 'ok', entry });
      expect(entry?.object).toEqual({
        ...object('x', '1'),
        metadata: { name: 'x', namespace: 'a', resourceVersion: '1' },
      });
      expect(JSON.parse(entry?.json ?? '')).toEqual(entry?.object);
      expect([entry?.revision, entry?.createRevision, store.revision]).toEqual([1, 1, 1]);
    });

    it('checks conditions and writes nothing when they fail', async () => {
      await create(store, 'x');
      expect((await create(store, 'x')).outcome).toBe('exists');
      const stale = { type: 'update', key: keyOf('x'), object: object('x', '2'), expectedRevision: 99 } as const;
      expect(await store.write(stale)).toEqual({ outcome: 'conflict', current: store.get(keyOf('x')) });
      expect((await update(store, 'nothing', '1')).outcome).toBe('missing');
      expect((await remove(store, 'nothing')).outcome).toBe('missing');
      expect((await store.write({ type: 'delete', key: keyOf('x'), expectedRevision: 99 })).outcome).toBe('conflict');
      expect(store.revision).toBe(1);
    });

    it('evaluates the writes of one batch in order, each seeing the ones before', async () => {
      const first = create(store, 'x', '1');
      const second = create(store, 'x', '2');
      const third = store.write({ type: 'update', key: keyOf('x'), object: object('x', '3'), expectedRevision: 1 });
      const fourth = store.write({ type: 'update', key: keyOf('x'), object: object('x', '4'), expectedRevision: 1 });
      const fifth = store.write({ type: 'delete', key: keyOf('x'), expectedRevision: 2 });
      const sixth = create(store, 'x', '6');
      expect((await Promise.all([first, second, third, fourth, fifth, sixth])).map((r) => r.outcome)).toEqual([
        'ok',
        'exists',
        'ok',
        'conflict',
        'ok',
        'ok',
      ]);
      expect(store.get(keyOf('x'))).toMatchObject({ revision: 4, createRevision: 4, object: { data: '6' } });
    });

    it('shows nothing before it is committed', async () => {
      const write = create(store, 'x');
      expect([store.get(keyOf('x')), store.list('/').length, store.revision]).toEqual([undefined, 0, 0]);
      await write;
    });

    it('rejects every write of a batch that fails to commit, shows none of it, and goes on', async () => {
      await create(store, 'kept');
      const watch = store.watch('/g/things/', store.revision);
      harness.failNextCommit();
      const batch = await Promise.allSettled([create(store, 'x'), update(store, 'kept', '2')]);
      expect(batch.map((r) => r.status)).toEqual(['rejected', 'rejected']);
      expect(store.list('/').map(({ key }) => key)).toEqual([keyOf('kept')]);
      expect(store.revision).toBe(1);
      const next = await create(store, 'y');
      expect(next.outcome).toBe('ok');
      expect((await take(watch, 1))[0]).toMatch(/^ADDED y=1/);
      expect((await harness.reopen()).list('/')).toHaveLength(2);
    });

    it('rejects an object that has no JSON form without harming its batch', async () => {
      const loop: { self?: unknown } = {};
      loop.self = loop;
      const bad = store.write({ type: 'create', key: keyOf('bad'), object: loop as KubernetesObject });
      const good = create(store, 'good');
      await expect(bad).rejects.toThrow(TypeError);
      expect((await good).outcome).toBe('ok');
    });

    it('lists below a prefix in key order', async () => {
      const keys = ['/g/things/b/a', '/g/things/a/z', '/g/things/a/b', '/g/things/a-b/c', '/g/thingsies/a/q', '//x//y'];
      for (const key of keys) await store.write({ type: 'create', key, object: object('x', '1') });
      const listed = (prefix: string) => store.list(prefix).map(({ key }) => key);
      expect(listed('/g/things/')).toEqual(['/g/things/a-b/c', '/g/things/a/b', '/g/things/a/z', '/g/things/b/a']);
      expect(listed('/g/things/a/')).toEqual(['/g/things/a/b', '/g/things/a/z']);
      expect(listed('/g/things/a/b')).toEqual(['/g/things/a/b']);
      expect(listed('/g/things/c/')).toEqual([]);
      expect(listed('//x/')).toEqual(['//x//y']);
      expect(listed('/')).toEqual([...keys].sort());
    });

    it('lists a prefix as it was at an earlier revision', async () => {
      await create(store, 'x', '1');
      await create(store, 'y', '1');
      await update(store, 'x', '2');
      await remove(store, 'y');
      await create(store, 'z', '1');
      const at = (revision: number) =>
        store
          .listAt('/g/things/', revision)
          .map((e) => `${e.object.metadata?.name}=${(e.object as { data?: string }).data}`);
      expect([1, 2, 3, 4, 5].map(at)).toEqual([['x=1'], ['x=1', 'y=1'], ['x=2', 'y=1'], ['x=2'], ['x=2', 'z=1']]);
    });

    it('watches from an earlier revision, then live, in order and exactly once', async () => {
      await create(store, 'x', '1');
      await update(store, 'x', '2');
      const watch = store.watch('/g/things/a/', 1);
      await Promise.all([remove(store, 'x'), create(store, 'y', '1')]);
      await store.write({ type: 'create', key: keyOf('elsewhere', 'b'), object: object('elsewhere', '1') });
      await update(store, 'y', '2');
      expect(await take(watch, 4)).toEqual(['MODIFIED x=2@2', 'DELETED x=2@3', 'ADDED y=1@4', 'MODIFIED y=2@6']);
    });

    it('tells the version before, and the last version of what was deleted', async () => {
      await create(store, 'x', '1');
      await update(store, 'x', '2');
      await remove(store, 'x');
      const events: StoreEvent[] = [];
      const watch = store.watch(keyOf('x'), 0);
      for await (const event of watch) {
        events.push(event);
        if (events.length === 3) break;
      }
      expect(events.map((e) => [(e.previous?.object as { data?: string })?.data, e.previous?.revision])).toEqual([
        [undefined, undefined],
        ['1', 1],
        ['2', 2],
      ]);
      expect(events[2]?.entry.json).toContain('"resourceVersion":"3"');
    });

    it('ends a watcher that does not read and serves the others', async () => {
      store = await harness.reopen({ watchCapacity: 10 });
      const slow = store.watch('/g/things/', 0);
      const fast = store.watch('/g/things/', 0);
      const read = take(fast, 30);
      for (let i = 0; i < 30; i++) await create(store, `x${i}`);
      expect(await read).toHaveLength(30);
      const iterator = slow[Symbol.asyncIterator]();
      await expect(iterator.next()).rejects.toBeInstanceOf(WatchOverflowError);
      expect(await iterator.next()).toEqual({ done: true, value: undefined });
    });

    it('ends a watch when either side closes it', async () => {
      const mine = store.watch('/g/things/', 0);
      const pending = take(mine, 1);
      mine.close();
      expect(await pending).toEqual([]);
      const theirs = take(store.watch('/g/things/', 0), 1);
      await store.close();
      expect(await theirs).toEqual([]);
      await expect(create(store, 'late')).rejects.toThrow('closed');
    });

    it('calls subscribers once per batch, after the batch is visible, and survives one that throws', async () => {
      const errors: unknown[] = [];
      store = await harness.reopen({ onListenerError: (error) => errors.push(error) });
      const seen: string[][] = [];
      store.subscribe('/g/things/', () => {
        throw new Error('listener');
      });
      const stop = store.subscribe('/g/things/', (events) => {
        expect(store.get(events.at(-1)?.entry.key ?? '')).toBe(events.at(-1)?.entry);
        seen.push(events.map(brief));
      });
      await Promise.all([create(store, 'x'), create(store, 'y')]);
      stop();
      await create(store, 'z');
      expect(seen).toEqual([['ADDED x=1@1', 'ADDED y=1@2']]);
      expect(errors).toHaveLength(2);
    });

    it('lets history go by count, a bounded amount per commit, and says so', async () => {
      store = await harness.reopen({ maxEvents: 5 });
      for (let i = 0; i < 20; i++) await (i === 0 ? create(store, 'x', '0') : update(store, 'x', String(i)));
      expect(store.compactedRevision).toBe(15);
      expect(() => store.watch('/', 14)).toThrow(RevisionCompactedError);
      expect(() => store.listAt('/', 14)).toThrow(RevisionCompactedError);
      expect(await take(store.watch('/', 15), 5)).toHaveLength(5);
      const reopened = await harness.reopen({ maxEvents: 5 });
      expect([reopened.compactedRevision, reopened.revision]).toEqual([15, 20]);
      expect(reopened.get(keyOf('x'))).toMatchObject({ createRevision: 1, object: { data: '19' } });
    });

    it('lets history go by age and by size, only when something is written', async () => {
      let now = 0;
      store = await harness.reopen({ retention: 1000, maxCharacters: 400, monotonic: () => now });
      await create(store, 'x');
      now = 5000;
      expect(store.compactedRevision).toBe(0);
      await create(store, 'y');
      expect(store.compactedRevision).toBe(1);
      await create(store, 'z', 'long'.repeat(200));
      await update(store, 'z', 'short');
      expect(store.compactedRevision).toBe(3);
    });

    it('goes on where it was after a reopen, with events, previous versions and rising revisions', async () => {
      await create(store, 'x', '1');
      await create(store, 'y', '1');
      await update(store, 'x', '2');
      await remove(store, 'y');
      store = await harness.reopen();
      expect(store.revision).toBe(4);
      expect(store.list('/').map(({ key }) => key)).toEqual([keyOf('x')]);
      expect(await take(store.watch('/', 1), 3)).toEqual(['ADDED y=1@2', 'MODIFIED x=2@3', 'DELETED y=1@4']);
      expect(await create(store, 'z')).toMatchObject({ entry: { revision: 5 } });
    });

    it('never reuses the revision of a compacted delete', async () => {
      store = await harness.reopen({ maxEvents: 1 });
      await create(store, 'x');
      await remove(store, 'x');
      await Promise.all([create(store, 'y'), store.write({ type: 'delete', key: keyOf('y'), expectedRevision: 3 })]);
      store = await harness.reopen({ maxEvents: 1 });
      expect(store.revision).toBe(4);
      expect(await create(store, 'z')).toMatchObject({ entry: { revision: 5 } });
    });
  });
}
