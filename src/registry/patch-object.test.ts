import { beforeEach, describe, expect, it } from 'vitest';
import { namespaceKind } from '../kinds/namespace.ts';
import { at, catalogue, configMaps, map, type Shown, statusOf } from './fake-kinds.ts';
import { createFakeRegistry, type FakeRegistry } from './fake-registry.ts';

let registry: FakeRegistry;
const make = (object: object, more: object = {}) => registry.create(configMaps, object, { namespace: 'shop', ...more });

beforeEach(async () => {
  registry = createFakeRegistry(catalogue);
  await registry.create(namespaceKind, { metadata: { name: 'shop' } });
});

describe('patch', () => {
  const json = 'application/json-patch+json';
  const merge = 'application/merge-patch+json';
  const strategic = 'application/strategic-merge-patch+json';
  const apply = 'application/apply-patch+yaml';

  it('takes all four types', async () => {
    await make(map('a', { k: '1' }));
    const data = async (patch: Parameters<FakeRegistry['patch']>[2], options: object = {}) =>
      ((await registry.patch(configMaps, at('a'), patch, options)).entry.object as Shown).data;
    expect(await data({ type: merge, body: { data: { m: '2' } } })).toEqual({ k: '1', m: '2' });
    expect(await data({ type: json, body: [{ op: 'remove', path: '/data/k' }] })).toEqual({ m: '2' });
    expect(await data({ type: strategic, body: { data: { m: null, s: '3' } } })).toEqual({ s: '3' });
    expect(await data({ type: apply, body: map('a', { p: '4' }) }, { fieldManager: 'me' })).toEqual({ s: '3', p: '4' });
  });

  it('refuses a patch that was made from another version, and retries one that was not', async () => {
    await make(map('a'));
    const stale = registry.patch(configMaps, at('a'), {
      type: merge,
      body: { metadata: { resourceVersion: '1' }, data: { a: 'b' } },
    });
    expect(await statusOf(stale)).toMatch(/^409 .*has been modified/);
    const patches = [1, 2, 3].map((n) =>
      registry.patch(configMaps, at('a'), { type: merge, body: { data: { [`k${n}`]: '1' } } }),
    );
    await Promise.all(patches);
    expect(Object.keys((registry.get(configMaps, at('a')).object as Shown).data ?? {})).toEqual(['k1', 'k2', 'k3']);
  });

  it('refuses to apply what the schema does not know, whatever fieldValidation says', async () => {
    const body = {
      ...map('new', { k: '1' }),
      more: 1,
      metadata: { name: 'new', odd: 1, ownerReferences: [{ uid: 'u', x: 1 }] },
    };
    for (const fieldValidation of ['Ignore', 'Warn', 'Strict'] as const) {
      const applied = registry.patch(
        configMaps,
        at('new'),
        { type: apply, body },
        { fieldManager: 'one', fieldValidation },
      );
      expect(await statusOf(applied)).toBe(
        '400 failed to create typed patch object (/new; /v1, Kind=ConfigMap): errors:\n' +
          '  .metadata.odd: field not declared in schema\n' +
          '  .metadata.ownerReferences[uid="u"].x: field not declared in schema\n' +
          '  .more: field not declared in schema',
      );
    }
    const other = registry.patch(
      configMaps,
      at('new'),
      { type: apply, body: { ...body, kind: 'Secret' } },
      { fieldManager: 'one' },
    );
    expect(await statusOf(other)).toBe('400 invalid object type: /v1, Kind=Secret');
  });

  it('says what is wrong with the object that a patch would make', async () => {
    await make(map('a', { k: '1' }));
    const wrong = await statusOf(registry.patch(configMaps, at('a'), { type: merge, body: { data: 5 } }));
    expect(wrong).toMatch(
      /^422 {2}"" is invalid: patch: Invalid value: "{\\"apiVersion\\":\\"v1\\",\\"data\\":5,\\"kind\\"/,
    );
    const moved = registry.patch(configMaps, at('a'), { type: merge, body: { metadata: { uid: 'other' } } });
    expect(await statusOf(moved)).toBe(
      '422 ConfigMap "a" is invalid: metadata.uid: Invalid value: "other": field is immutable',
    );
  });

  it('creates by apply, needs a manager, and names those who conflict', async () => {
    const body = map('new', { k: '1' });
    expect(await statusOf(registry.patch(configMaps, at('new'), { type: apply, body }))).toMatch(
      /^422 PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch$/,
    );
    const first = await registry.patch(configMaps, at('new'), { type: apply, body }, { fieldManager: 'one' });
    expect(first.created).toBe(true);
    expect(first.entry.object.metadata?.managedFields).toMatchObject([{ manager: 'one', operation: 'Apply' }]);
    registry.time += 60_000;
    const same = await registry.patch(configMaps, at('new'), { type: apply, body }, { fieldManager: 'one' });
    expect(same.entry).toBe(first.entry);
    const other = { type: apply, body: map('new', { k: '2' }) } as const;
    const conflicting = registry.patch(configMaps, at('new'), other, { fieldManager: 'two' });
    expect(await statusOf(conflicting)).toBe('409 Apply failed with 1 conflict: conflict with "one": .data.k');
  });

  it('keeps the books for users, not for controllers', async () => {
    const user = { name: 'admin', groups: [] };
    await make(map('theirs', { k: '1' }), { user, fieldManager: 'kubectl' });
    await make(map('ours', { k: '1' }));
    expect(registry.get(configMaps, at('theirs')).object.metadata?.managedFields).toMatchObject([
      { manager: 'kubectl', operation: 'Update' },
    ]);
    expect(registry.get(configMaps, at('ours')).object.metadata?.managedFields).toBeUndefined();
  });
});
