import { beforeEach, describe, expect, it } from 'vitest';
import { namespaceKind } from '../kinds/namespace.ts';
import { forbidden } from '../machinery/status-error.ts';
import { at, catalogue, configMaps, deployment, deployments, map, type Shown, statusOf } from './fake-kinds.ts';
import { createFakeRegistry, type FakeRegistry } from './fake-registry.ts';

let registry: FakeRegistry;
const make = (object: object, more: object = {}) => registry.create(configMaps, object, { namespace: 'shop', ...more });

beforeEach(async () => {
  registry = createFakeRegistry(catalogue);
  await registry.create(namespaceKind, { metadata: { name: 'shop' } });
});

describe('update', () => {
  it('detects conflicts, and replaces whatever is there without a resourceVersion', async () => {
    const { entry } = await make(map('a', { k: '1' }));
    const second = { ...map('a', { k: '2' }), metadata: entry.object.metadata };
    const updated = await registry.update(configMaps, at('a'), second);
    expect(updated.entry.object).toMatchObject({ data: { k: '2' }, metadata: { uid: 'uid-2', resourceVersion: '3' } });
    expect(await statusOf(registry.update(configMaps, at('a'), second))).toBe(
      '409 Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    );
    const all = await Promise.all(['4', '5', '6'].map((k) => registry.update(configMaps, at('a'), map('a', { k }))));
    expect(new Set(all.map(({ entry: { revision } }) => revision)).size).toBe(3);
  });

  it('makes what is not there where the kind allows it and the writer may create', async () => {
    const leases = { ...configMaps, createsOnUpdate: true };
    const refuse = (): never => {
      throw forbidden({ group: '', resource: 'configmaps', name: 'a' }, 'no');
    };
    expect(await statusOf(registry.update(leases, at('a'), map('a'), { mayCreate: refuse }))).toMatch(/^403 /);
    const made = await registry.update(leases, at('a'), map('a', { k: '1' }));
    expect([made.created, (made.entry.object as Shown).data]).toEqual([true, { k: '1' }]);
    expect((await registry.update(leases, at('a'), map('a', { k: '2' }))).created).toBe(false);
    expect(await statusOf(registry.update(configMaps, at('b'), map('b')))).toMatch(/^404 /);
  });

  it('writes nothing when nothing changes', async () => {
    const { entry } = await make(map('a', { k: '1' }));
    expect((await registry.update(configMaps, at('a'), map('a', { k: '1' }))).entry).toBe(entry);
    expect(registry.revision).toBe(2);
  });

  it.each([
    ['no object', 'b', map('b'), '404 configmaps "b" not found'],
    ['another name', 'a', map('b'), '400 the name of the object (b) does not match the name on the URL (a)'],
    [
      'another uid',
      'a',
      map('a', {}, { uid: 'else' }),
      '409 Operation cannot be fulfilled on configmaps "a": Precondition failed: UID in precondition: else, UID in object meta: uid-2',
    ],
    [
      'an immutable field',
      'a',
      map('a', { fixed: '1' }),
      '422 ConfigMap "a" is invalid: data[fixed]: Invalid value: "x": field is immutable',
    ],
    [
      'a forged birth',
      'a',
      map('a', {}, { creationTimestamp: '1999-01-01T00:00:00Z' }),
      '422 ConfigMap "a" is invalid: metadata.creationTimestamp: Invalid value: "1999-01-01T00:00:00Z": field is immutable',
    ],
  ])('refuses %s', async (_, name, object, message) => {
    await make(map('a'));
    expect(await statusOf(registry.update(configMaps, at(name), object))).toBe(message);
  });

  it('counts generations of the spec, not of metadata and status', async () => {
    await registry.create(deployments, deployment('d'), { namespace: 'shop' });
    const generation = () => registry.get(deployments, at('d')).object.metadata?.generation;
    expect(generation()).toBe(1);
    await registry.update(deployments, at('d'), {
      ...deployment('d'),
      metadata: { name: 'd', labels: { a: 'b' } },
      status: { replicas: 9 },
    });
    expect([generation(), (registry.get(deployments, at('d')).object as Shown).status]).toEqual([1, {}]);
    await registry.update(deployments, at('d'), deployment('d', { replicas: 2 }));
    expect(generation()).toBe(2);
  });

  it('changes status and annotations alone through the status subresource', async () => {
    await registry.create(deployments, deployment('d', { replicas: 1 }), { namespace: 'shop' });
    const sent = {
      ...deployment('d', { replicas: 5 }),
      status: { replicas: 1 },
      metadata: { name: 'd', labels: { a: 'b' }, annotations: { c: 'd' } },
    };
    const { entry } = await registry.update(deployments, at('d'), sent, { subresource: 'status' });
    expect(entry.object).toMatchObject({
      spec: { replicas: 1 },
      status: { replicas: 1 },
      metadata: { generation: 1, annotations: { c: 'd' } },
    });
    expect(entry.object.metadata?.labels).toBeUndefined();
  });

  it('modifies again after a lost race, and leaves alone what is left alone', async () => {
    await make(map('a', { n: '0' }));
    const increment = (object: Shown): Shown => ({ ...object, data: { n: String(Number(object.data?.['n']) + 1) } });
    await Promise.all(Array.from({ length: 10 }, () => registry.modify<Shown>(configMaps, at('a'), increment)));
    expect((registry.get(configMaps, at('a')).object as Shown).data).toEqual({ n: '10' });
    const before = registry.revision;
    await registry.modify(configMaps, at('a'), () => undefined);
    expect([registry.revision, await registry.modify(configMaps, at('none'), (o) => o)]).toEqual([before, undefined]);
  });
});
