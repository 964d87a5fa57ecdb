import { beforeEach, describe, expect, it } from 'vitest';
import { namespaceKind } from '../kinds/namespace.ts';
import { at, catalogue, configMaps, map, statusOf } from './fake-kinds.ts';
import { createFakeRegistry, type FakeRegistry } from './fake-registry.ts';

let registry: FakeRegistry;
const make = (object: object, more: object = {}) => registry.create(configMaps, object, { namespace: 'shop', ...more });

beforeEach(async () => {
  registry = createFakeRegistry(catalogue);
  await registry.create(namespaceKind, { metadata: { name: 'shop' } });
});

describe('create', () => {
  it('fills in what the system says and keeps what the client says', async () => {
    const sent = map(
      'a',
      { k: 'v' },
      { uid: 'mine', generation: 7, creationTimestamp: '1999-01-01T00:00:00Z', selfLink: '/x' },
    );
    const { entry, created } = await make(sent);
    expect(entry.object).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: 'a',
        namespace: 'shop',
        uid: 'uid-2',
        generation: 7,
        creationTimestamp: '2026-01-01T00:00:00Z',
        resourceVersion: '2',
      },
      data: { k: 'v' },
    });
    expect([entry.key, created]).toEqual(['//configmaps/shop/a', true]);
  });

  it('draws names and tries again when one is taken', async () => {
    const taken = createFakeRegistry(catalogue, { random: () => 0 });
    await taken.create(namespaceKind, { metadata: { name: 'shop' } });
    const one = await taken.create(configMaps, { metadata: { generateName: 'x-' } }, { namespace: 'shop' });
    expect(one.entry.object.metadata).toMatchObject({ name: 'x-bbbbb', generateName: 'x-' });
    const again = taken.create(configMaps, { metadata: { generateName: 'x-' } }, { namespace: 'shop' });
    expect(await statusOf(again)).toMatch(/^409 /);
    const names = await Promise.all([1, 2, 3].map(() => make({ metadata: { generateName: 'x-' } })));
    expect(new Set(names.map(({ entry }) => entry.key)).size).toBe(3);
  });

  it.each([
    ['a second one', map('taken'), '409 configmaps "taken" already exists'],
    [
      'no name',
      { metadata: {} },
      '422 ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
    ],
    ['a bad value', map('a', { bad: '1' }), '422 ConfigMap "a" is invalid: data[bad]: Invalid value: "x": must not be'],
    [
      'another namespace',
      map('a', {}, { namespace: 'b' }),
      '400 the namespace of the provided object does not match the namespace sent on the request',
    ],
    [
      'another version',
      { ...map('a'), apiVersion: 'v2' },
      '400 ConfigMap in version "v2" cannot be handled as a ConfigMap: no kind "ConfigMap" is registered for version "v2" in scheme "pkg/api/legacyscheme/scheme.go:30"',
    ],
    [
      'a wrong type',
      { ...map('a'), data: 5 },
      '400 ConfigMap in version "v1" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ConfigMap.data of type map[string]string',
    ],
    [
      'a resourceVersion',
      map('a', {}, { resourceVersion: '5' }),
      '400 resourceVersion should not be set on objects to be created',
    ],
    [
      'a strange finalizer',
      map('a', {}, { finalizers: ['x'] }),
      '422 ConfigMap "a" is invalid: metadata.finalizers: Invalid value: "x": name is neither a standard finalizer name nor is it fully qualified',
    ],
  ])('refuses %s', async (_, object, message) => {
    await make(map('taken'));
    expect(await statusOf(make(object))).toBe(message);
  });

  it('warns of, refuses or passes over unknown fields, as asked', async () => {
    const object = { ...map('a', { old: '1' }), colour: 'red' };
    expect((await make(object)).warnings).toEqual(['unknown field "colour"', 'data[old]: deprecated']);
    expect((await make({ ...object, metadata: { name: 'b' } }, { fieldValidation: 'Ignore' })).warnings).toEqual([
      'data[old]: deprecated',
    ]);
    expect(await statusOf(make(object, { fieldValidation: 'Strict' }))).toBe(
      '400 ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "colour"',
    );
    expect(registry.get(configMaps, at('a')).json).not.toContain('red');
  });

  it('stores nothing in a dry run, but checks everything', async () => {
    const { entry } = await make(map('a'), { dryRun: true });
    expect(entry.object.metadata).toMatchObject({ name: 'a', uid: 'uid-2' });
    expect(registry.find(configMaps, at('a'))).toBeUndefined();
    await make(map('a'));
    expect(await statusOf(make(map('a'), { dryRun: true }))).toBe('409 configmaps "a" already exists');
  });

  it('needs a namespace that exists and stays', async () => {
    expect(await statusOf(make(map('a'), { namespace: 'nowhere' }))).toBe('404 namespaces "nowhere" not found');
    await registry.delete(namespaceKind, { namespace: '', name: 'shop' });
    expect(await statusOf(make(map('a')))).toBe(
      '403 configmaps "a" is forbidden: unable to create new content in namespace shop because it is being terminated',
    );
  });
});
