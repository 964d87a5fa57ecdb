import { LogStore } from './log-store.ts';
import { MemoryLog } from './memory-store.ts';
import { type StoreHarness, storeConformance } from './store.conformance.ts';
import type { Store } from './store.ts';

function harness(): StoreHarness {
  const log = new MemoryLog();
  let store: Store | undefined;
  return {
    open: (options) => {
      store = new LogStore(log, options);
      return store;
    },
    reopen: async (options) => {
      await store?.close();
      store = new LogStore(log, options);
      return store;
    },
    failNextCommit: () => {
      log.failure = new Error('no space');
    },
    dispose: async () => store?.close(),
  };
}

storeConformance('memory', harness);
