import type { DatabaseSync } from 'node:sqlite';

/** Pages of the write-ahead log at which a write carries them over at once: 16 MB, the size that the file is kept at. */
const MOST_PAGES = 4096;

/** Commits below which it isn't worth it: pages that are written again and again would wear out flash each time. */
const FEWEST_COMMITS = 200;

/** Carries the write-ahead log over into the database when nobody waits for a write. */
export interface Checkpoints {
  /** To be called after each commit. */
  committed(): void;
  /** Forgets what is due; closing the database carries everything over. */
  stop(): void;
}

/**
 * SQLite would carry a thousand pages over inside of some write, which then takes ten times as long as the others.
 * Here that is done once no write has come for `pause` milliseconds, where enough has been written; a load without
 * pauses meets it every 16 MB.
 */
export function scheduleCheckpoints(database: DatabaseSync, pause = 2000): Checkpoints {
  database.exec(`PRAGMA wal_autocheckpoint = ${MOST_PAGES}`);
  let timer: NodeJS.Timeout | undefined;
  let commits = 0;
  const carryOver = (): void => {
    timer = undefined;
    commits = 0;
    if (database.isOpen) database.exec('PRAGMA wal_checkpoint(PASSIVE)');
  };
  return {
    committed: () => {
      commits++;
      if (commits >= FEWEST_COMMITS) timer = timer?.refresh() ?? setTimeout(carryOver, pause).unref();
    },
    stop: () => clearTimeout(timer),
  };
}
