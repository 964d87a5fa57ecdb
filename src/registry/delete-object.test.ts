import { beforeEach, describe, expect, it } from 'vitest';
import { namespaceKind } from '../kinds/namespace.ts';
import { at, catalogue, configMaps, graceful, map, statusOf } from './fake-kinds.ts';
import { createFakeRegistry, type FakeRegistry } from './fake-registry.ts';

let registry: FakeRegistry;
const make = (object: object, more: object = {}) => registry.create(configMaps, object, { namespace: 'shop', ...more });

beforeEach(async () => {
  registry = createFakeRegistry(catalogue);
  await registry.create(namespaceKind, { metadata: { name: 'shop' } });
});

describe('delete', () => {
  it('removes at once without grace and finalizers, and says what', async () => {
    await make(map('a'));
    const outcome = await registry.delete(configMaps, at('a'));
    expect(outcome.deleted).toBe(true);
    expect(outcome.status).toMatchObject({
      status: 'Success',
      details: { name: 'a', kind: 'configmaps', uid: 'uid-2' },
    });
    expect(await statusOf(registry.delete(configMaps, at('a')))).toBe('404 configmaps "a" not found');
  });

  it('holds to preconditions', async () => {
    await make(map('a'));
    const del = (preconditions: object) => statusOf(registry.delete(configMaps, at('a'), { preconditions }));
    expect(await del({ uid: 'else' })).toMatch(
      /^409 .*the UID in the precondition \(else\) does not match the UID in record \(uid-2\)\. The object might/,
    );
    expect(await del({ resourceVersion: '1' })).toMatch(
      /^409 .*the ResourceVersion in the precondition \(.*\) does not match/,
    );
    expect(await del({ uid: 'uid-2', resourceVersion: '2' })).toBe('no error');
  });

  it('waits for finalizers and goes with the last one', async () => {
    await make(map('a', {}, { finalizers: ['x.io/one', 'x.io/two'] }));
    const marked = await registry.delete(configMaps, at('a'));
    expect([marked.deleted, marked.entry.object.metadata?.deletionTimestamp]).toEqual([false, '2026-01-01T00:00:00Z']);
    const drop = (finalizers: readonly string[]) => registry.update(configMaps, at('a'), map('a', {}, { finalizers }));
    expect(await statusOf(drop(['x.io/one', 'x.io/two', 'x.io/new']))).toMatch(/^422 .*no new finalizers can be added/);
    await drop(['x.io/two']);
    expect(registry.find(configMaps, at('a'))).toBeDefined();
    await drop([]);
    expect(registry.find(configMaps, at('a'))).toBeUndefined();
  });

  it('adds the garbage collector’s finalizers', async () => {
    await make(map('a'));
    const finalizers = async (propagationPolicy: 'Foreground' | 'Orphan') =>
      (await registry.delete(configMaps, at('a'), { propagationPolicy })).entry.object.metadata?.finalizers;
    expect(await finalizers('Foreground')).toEqual(['foregroundDeletion']);
    expect(await finalizers('Orphan')).toEqual(['orphan']);
    expect((await registry.delete(configMaps, at('a'), { propagationPolicy: 'Background' })).deleted).toBe(true);
  });

  it('gives grace, which can only become shorter, and ends with none', async () => {
    await registry.create(graceful, { metadata: { name: 'p' }, spec: { containers: [] } }, { namespace: 'shop' });
    const remove = (gracePeriodSeconds?: number) => registry.delete(graceful, at('p'), { gracePeriodSeconds });
    const meta = () => registry.get(graceful, at('p')).object.metadata;
    await remove();
    expect(meta()).toMatchObject({
      deletionTimestamp: '2026-01-01T00:00:30Z',
      deletionGracePeriodSeconds: 30,
      generation: 2,
    });
    await remove(60);
    expect(meta()?.deletionGracePeriodSeconds).toBe(30);
    await remove(5);
    expect(meta()).toMatchObject({ deletionTimestamp: '2026-01-01T00:00:05Z', deletionGracePeriodSeconds: 5 });
    const last = await remove(0);
    expect([last.deleted, registry.find(graceful, at('p'))]).toEqual([true, undefined]);
    expect(last.entry.object.metadata?.deletionGracePeriodSeconds).toBe(0);
  });

  it('takes a namespace through its own finalizer', async () => {
    const key = { namespace: '', name: 'shop' };
    const marked = await registry.delete(namespaceKind, key);
    expect(marked.entry.object).toMatchObject({
      status: { phase: 'Terminating' },
      spec: { finalizers: ['kubernetes'] },
    });
    const emptied = { ...marked.entry.object, spec: { finalizers: [] } };
    await registry.update(namespaceKind, key, emptied, { subresource: 'finalize' });
    expect(registry.find(namespaceKind, key)).toBeUndefined();
    await registry.create(namespaceKind, { metadata: { name: 'default' } });
    expect(await statusOf(registry.delete(namespaceKind, { namespace: '', name: 'default' }))).toBe(
      '403 namespaces "default" is forbidden: this namespace may not be deleted',
    );
  });

  it('deletes what a selection selects', async () => {
    await make(map('a', {}, { labels: { app: 'x' } }));
    await make(map('b'));
    const page = await registry.deleteCollection(configMaps, { namespace: 'shop', labelSelector: 'app=x' });
    expect(page.entries.map(({ key }) => key)).toEqual(['//configmaps/shop/a']);
    expect(registry.list(configMaps, {}).entries.map(({ key }) => key)).toEqual(['//configmaps/shop/b']);
  });
});
