import { encryptLog, type LogEncryption } from './encrypted-log.ts';
import { LogStore, type StoreOptions } from './log-store.ts';
import { openSqliteLog } from './sqlite-log.ts';
import type { RestingStore } from './store.ts';

/** Knobs of a store in a file. */
export interface SqliteStoreOptions extends StoreOptions {
  /** Which objects rest encrypted. */
  readonly encryption?: LogEncryption;
}

/** Opens (or makes) the database at `path` and takes it for this process. Throws StoreOpenError. */
export function openSqliteStore(path: string, options: SqliteStoreOptions = {}): RestingStore {
  const file = openSqliteLog(path);
  const log = options.encryption ? encryptLog(file, options.encryption) : file;
  try {
    return new LogStore(log, options);
  } catch (error) {
    log.close();
    throw error;
  }
}
