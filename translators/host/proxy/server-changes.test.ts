import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { HaproxySection } from '../../formats/haproxy.ts';
import { planServerChanges } from './server-changes.ts';

type Servers = { readonly [name: string]: { readonly weight: number; readonly more?: readonly string[] } };

function view(servers: Servers, lines: readonly (readonly string[])[] = []): readonly HaproxySection[] {
  const server = ([name, { weight, more = [] }]: [string, Servers[string]]) => [
    ...['server', name, `${name}:80`, 'weight', `${weight}`],
    ...more,
  ];
  return [{ head: ['backend', 'b'], lines: [...lines, ...Object.entries(servers).map(server)] }];
}

it('adds first, weighs, and removes last', () => {
  const plan = planServerChanges(
    view({ a: { weight: 1 }, b: { weight: 1 } }),
    view({ b: { weight: 2 }, c: { weight: 3, more: ['cookie', 'x'] } }),
  );
  expect(plan).toEqual([
    { type: 'add', backend: 'b', name: 'c', weight: 3, words: ['c:80', 'cookie', 'x'] },
    { type: 'weigh', backend: 'b', name: 'b', weight: 2 },
    { type: 'remove', backend: 'b', name: 'a' },
  ]);
});

it('knows nothing to do when anything else differs, or a word is not plain', () => {
  const before = view({ a: { weight: 1 } });
  expect(planServerChanges(before, view({ a: { weight: 1 } }, [['balance', 'source']]))).toBeUndefined();
  expect(planServerChanges(before, view({ a: { weight: 1, more: ['proto', 'h2'] } }))).toBeUndefined();
  expect(planServerChanges(before, view({ 'a b': { weight: 1 } }))).toBeUndefined();
  expect(planServerChanges(before, view({ 'a;shutdown': { weight: 1 } }))).toBeUndefined();
});

it('leads from any servers to any others', () => {
  const servers = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.record({ weight: fc.nat(256) }));
  fc.assert(
    fc.property(servers, servers, (from, to) => {
      const running = new Map(Object.entries(from).map(([name, { weight }]) => [name, weight]));
      for (const change of planServerChanges(view(from), view(to)) ?? []) {
        if (change.type === 'remove') running.delete(change.name);
        else running.set(change.name, change.weight);
      }
      expect(Object.fromEntries(running)).toEqual(
        Object.fromEntries(Object.entries(to).map(([name, { weight }]) => [name, weight])),
      );
    }),
  );
});
