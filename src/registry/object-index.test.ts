import { expect, it } from 'vitest';
import { defineKind } from '../kinds/define-kind.ts';
import { createFakeRegistry } from './fake-registry.ts';
import { byOwner, createObjectIndex } from './object-index.ts';

it('finds objects by their owners as they come, change hands and go', async () => {
  const nodes = defineKind({ kind: 'Node', namespaced: false });
  const registry = createFakeRegistry([nodes]);
  const owned = (name: string, uid: string) => ({
    metadata: { name, ownerReferences: [{ apiVersion: 'v1', kind: 'X', name: 'x', uid }] },
  });
  await registry.create(nodes, owned('early', 'one'));
  const index = createObjectIndex(registry, nodes, byOwner);
  const names = (uid: string) => index.get(uid).map((object) => object.metadata?.name);
  await Promise.all([registry.create(nodes, owned('a', 'one')), registry.create(nodes, owned('b', 'two'))]);
  expect([names('one'), names('two')]).toEqual([['a', 'early'], ['b']]);
  expect([index.count('one'), index.count('none')]).toEqual([2, 0]);
  await registry.update(nodes, { namespace: '', name: 'a' }, owned('a', 'two'));
  await registry.delete(nodes, { namespace: '', name: 'b' });
  expect([names('one'), names('two'), names('three')]).toEqual([['early'], ['a'], []]);
  index.close();
  await registry.delete(nodes, { namespace: '', name: 'a' });
  expect(names('two')).toEqual(['a']);
});
