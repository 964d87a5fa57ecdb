import { createAdmissionPlugins } from '../admission/plugins.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { findSchema } from '../kinds/schema.ts';
import { createMemoryStore } from '../store/memory-store.ts';
import type { Store } from '../store/store.ts';
import type { RegistryOptions } from './context.ts';
import { createRegistry } from './create-registry.ts';
import type { Registry } from './registry.ts';

/** A registry in memory for unit tests, with a clock that stands still until it is set. */
export interface FakeRegistry extends Registry {
  readonly store: Store;
  /** Milliseconds since 1970. */
  time: number;
}

/** Makes one over the given kinds; uids count up, names are drawn from a fixed sequence. */
export function createFakeRegistry(
  catalogue: readonly KindDefinition[],
  options: Partial<RegistryOptions> = {},
): FakeRegistry {
  const store = options.store ?? createMemoryStore();
  const state = { time: Date.UTC(2026, 0, 1), uids: 0, draws: 0 };
  const random = (below: number) => (state.draws++ * 7) % below;
  const nodePorts = { first: 30_000, last: 32_767 };
  const registry = createRegistry({
    store,
    catalogue,
    schema: { lookup: findSchema },
    admission: createAdmissionPlugins({ serviceCidrs: ['10.43.0.0/16'], nodePorts, random }),
    clock: () => state.time,
    random,
    uid: () => `uid-${++state.uids}`,
    log: (_, error) => {
      throw error;
    },
    ...options,
  });
  const extra = {
    store,
    get time() {
      return state.time;
    },
    set time(milliseconds: number) {
      state.time = milliseconds;
    },
  };
  return Object.defineProperties(extra, Object.getOwnPropertyDescriptors(registry)) as FakeRegistry;
}
