import { beforeEach, describe, expect, it } from 'vitest';
import { namespaceKind } from '../kinds/namespace.ts';
import type { StatusError } from '../machinery/status-error.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import type { StoreEvent, StoreWatch } from '../store/store.ts';
import { at, catalogue, configMaps, map, statusOf } from './fake-kinds.ts';
import { createFakeRegistry, type FakeRegistry } from './fake-registry.ts';

let registry: FakeRegistry;
const make = (object: object, more: object = {}) => registry.create(configMaps, object, { namespace: 'shop', ...more });

beforeEach(async () => {
  registry = createFakeRegistry(catalogue);
  await registry.create(namespaceKind, { metadata: { name: 'shop' } });
});

describe('list', () => {
  const names = (options: object) => registry.list(configMaps, options).entries.map((e) => e.object.metadata?.name);

  beforeEach(async () => {
    await registry.create(namespaceKind, { metadata: { name: 'other' } });
    for (const name of ['a', 'b', 'c', 'd', 'e'])
      await make(map(name, {}, { labels: { vowel: String('ae'.includes(name)) } }));
    await make(map('z'), { namespace: 'other' });
  });

  it('selects by namespace, labels and fields', async () => {
    expect(names({})).toEqual(['z', 'a', 'b', 'c', 'd', 'e']);
    expect(names({ namespace: 'shop', labelSelector: 'vowel=true' })).toEqual(['a', 'e']);
    expect(names({ fieldSelector: 'metadata.name=b' })).toEqual(['b']);
    expect(names({ namespace: 'shop', fieldSelector: 'metadata.name=z' })).toEqual([]);
    expect(names({ fieldSelector: 'metadata.name!=z,metadata.namespace=shop' })).toHaveLength(5);
    expect(await statusOf(() => names({ fieldSelector: 'data.x=1' }))).toBe(
      '400 "data.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
    expect(await statusOf(() => names({ labelSelector: 'a b' }))).toMatch(/^400 /);
  });

  it('pages consistently while objects come and go', async () => {
    const first = registry.list(configMaps, { namespace: 'shop', limit: 2 });
    expect(first).toMatchObject({ resourceVersion: '8', remainingItemCount: 3 });
    await registry.delete(configMaps, at('c'));
    await make(map('cc'));
    const second = registry.list(configMaps, { namespace: 'shop', limit: 2, continue: first.continue });
    expect(second.entries.map((e) => e.object.metadata?.name)).toEqual(['c', 'd']);
    const third = registry.list(configMaps, { namespace: 'shop', limit: 2, continue: second.continue });
    expect([third.entries.map((e) => e.object.metadata?.name), third.continue, third.resourceVersion]).toEqual([
      ['e'],
      undefined,
      '8',
    ]);
  });

  it('gives a token to go on with when the page’s version is gone', async () => {
    const store = createMemoryStore({ maxEvents: 1 });
    registry = createFakeRegistry(catalogue, { store });
    await registry.create(namespaceKind, { metadata: { name: 'shop' } });
    for (const name of ['a', 'b', 'c']) await make(map(name));
    const { continue: token } = registry.list(configMaps, { limit: 1 });
    for (const k of ['1', '2', '3']) await registry.update(configMaps, at('a'), map('a', { k }));
    const error = (() => {
      try {
        registry.list(configMaps, { limit: 1, continue: token });
      } catch (thrown) {
        return (thrown as StatusError).status;
      }
      return undefined;
    })();
    expect(error).toMatchObject({ code: 410, reason: 'Expired' });
    expect(names({ limit: 1, continue: String(error?.metadata['continue']) })).toEqual(['b']);
  });

  it.each([
    [{ resourceVersion: '999' }, '504 Timeout: Too large resource version: 999, current: 8'],
    [
      { resourceVersion: 'x' },
      '400 invalid resource version: resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax',
    ],
    [{ continue: '!!' }, '400 invalid continue token: continue key is not valid: incorrect encoding'],
    [{ resourceVersionMatch: 'Exact' }, '400 resourceVersionMatch is forbidden unless resourceVersion is provided'],
  ])('refuses %j', async (options, message) => {
    expect(await statusOf(() => registry.list(configMaps, options))).toBe(message);
  });

  it('shows an exact version, and the newest for a minimum', () => {
    expect(names({ resourceVersion: '4', resourceVersionMatch: 'Exact' })).toEqual(['a', 'b']);
    expect(names({ resourceVersion: '4', resourceVersionMatch: 'NotOlderThan' })).toHaveLength(6);
    expect(names({ resourceVersion: '0' })).toHaveLength(6);
  });
});

describe('watch', () => {
  async function take(watch: StoreWatch, count: number): Promise<string[]> {
    const seen: string[] = [];
    for await (const { type, entry } of watch as AsyncIterable<StoreEvent>) {
      seen.push(`${type} ${entry.object.metadata?.name} ${entry.object.metadata?.resourceVersion}`);
      if (seen.length === count) break;
    }
    return seen;
  }

  it('turns selector transitions into ADDED and DELETED', async () => {
    const watch = registry.watch(configMaps, { namespace: 'shop', labelSelector: 'on=yes' }, registry.revision);
    await make(map('a'));
    const label = (on: string, k: string) => registry.update(configMaps, at('a'), map('a', { k }, { labels: { on } }));
    await label('yes', '1');
    await label('yes', '2');
    await label('no', '3');
    await label('no', '4');
    await label('yes', '5');
    await registry.delete(configMaps, at('a'));
    expect(await take(watch, 5)).toEqual(['ADDED a 3', 'MODIFIED a 4', 'DELETED a 5', 'ADDED a 7', 'DELETED a 8']);
  });

  it('answers 410 for a version that is gone', async () => {
    const store = createMemoryStore({ maxEvents: 1 });
    registry = createFakeRegistry(catalogue, { store });
    await registry.create(namespaceKind, { metadata: { name: 'shop' } });
    await make(map('a'));
    await make(map('b'));
    expect(await statusOf(() => registry.watch(configMaps, {}, 1))).toBe('410 too old resource version: 1 (2)');
  });
});
