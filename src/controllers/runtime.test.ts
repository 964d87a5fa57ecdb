import { describe, expect, it } from 'vitest';
import { catalogue } from '../kinds/catalogue.ts';
import { createFakeRegistry } from '../registry/fake-registry.ts';
import type { Controller } from './controller.ts';
import { createFakeClock } from './fake-clock.ts';
import { objectKey } from './meta.ts';
import { kindOf } from './resources.ts';
import { outputConflicts, startRuntime } from './runtime.ts';

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function controller(more: Partial<Controller>): Controller {
  return { name: 'one', inputs: [], outputs: [], reconcile: async () => undefined, ...more };
}

describe('the runtime', () => {
  it('refuses two writers of one output, unless both share it', () => {
    const of = (name: string, mode: 'exclusive' | 'shared'): Controller =>
      controller({ name, outputs: [{ what: '/pods#status', mode }] });
    expect(outputConflicts([of('a', 'exclusive'), of('b', 'exclusive')])).toEqual([
      '/pods#status is written by both a and b',
    ]);
    expect(outputConflicts([of('a', 'shared'), of('b', 'exclusive')])).toHaveLength(1);
    expect(outputConflicts([of('a', 'shared'), of('b', 'shared')])).toEqual([]);
    const registry = createFakeRegistry(catalogue);
    const options = { registry, clock: createFakeClock(), log: silent, signal: new AbortController().signal };
    expect(() => startRuntime([of('a', 'exclusive'), of('b', 'exclusive')], options)).toThrow(/refuse to start/);
  });

  it('looks at everything at start, at each change, at hints, and again at each resync', async () => {
    const registry = createFakeRegistry(catalogue);
    const clock = createFakeClock();
    const abort = new AbortController();
    const namespaces = kindOf(registry, '/namespaces');
    await registry.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a' } });
    const seen: string[] = [];
    let hint = (_key: string): void => {};
    const watched = controller({
      inputs: [{ resource: '/namespaces', keys: ({ entry }) => [objectKey(entry.object)] }],
      extraKeys: async () => ['extra'],
      hints: (enqueue) => {
        hint = enqueue;
      },
      reconcile: async (key) => void seen.push(key),
    });
    const runtime = startRuntime([watched], { registry, clock, log: silent, signal: abort.signal, resyncMs: 1000 });
    const settled = async (): Promise<string> => {
      await new Promise((resolve) => setImmediate(resolve));
      await runtime.idle();
      return seen.splice(0).sort().join(' ');
    };
    expect(await settled()).toBe('/a extra');
    await registry.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'b' } });
    expect(await settled()).toBe('/b');
    hint('hinted');
    expect(await settled()).toBe('hinted');
    clock.advance(1000);
    expect(await settled()).toBe('/a /b extra');
    runtime.resync();
    expect(await settled()).toBe('/a /b extra');
    abort.abort();
    clock.advance(5000);
    expect(await settled()).toBe('');
  });
});
