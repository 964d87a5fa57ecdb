import { describe, expect, it } from 'vitest';
import { createFakeServiceManager } from './fake-service-manager.ts';
import { serviceManagerConformance } from './service-manager.conformance.ts';

serviceManagerConformance('the fake', async () => {
  const manager = createFakeServiceManager();
  return {
    manager,
    define: async (unit) => manager.define(unit),
    undefine: async (name) => manager.undefine(name),
    letRestart: async (name) => manager.restartDue(name),
    close: async () => undefined,
  };
});

describe('createFakeServiceManager', () => {
  it('reloads once for calls made together', async () => {
    const manager = createFakeServiceManager();
    await Promise.all([manager.reload(), manager.reload()]);
    expect(manager.calls).toEqual(['reload']);
  });

  it('calls watchers with the empty name after a reconnect', async () => {
    const manager = createFakeServiceManager();
    const seen: string[] = [];
    await manager.watch('qs-', (unit) => seen.push(unit), { signal: new AbortController().signal });
    manager.reconnect();
    manager.reconnect();
    await new Promise((resolve) => setImmediate(resolve));
    expect(seen).toEqual(['']);
  });
});
