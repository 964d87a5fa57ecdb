import { LogStore, type StoreOptions } from './log-store.ts';
import { openSqliteLog } from './sqlite-log.ts';
import type { Store } from './store.ts';

/** Opens (or makes) the database at `path` and takes it for this process. Throws StoreOpenError. */
export function openSqliteStore(path: string, options: StoreOptions = {}): Store {
  const log = openSqliteLog(path);
  try {
    return new LogStore(log, options);
  } catch (error) {
    log.close();
    throw error;
  }
}
