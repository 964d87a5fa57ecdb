import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { LogBatch, LogContent, LogRow, ObjectLog } from './object-log.ts';
import type { StoreEvent } from './store.ts';
import { StoreOpenError } from './store-errors.ts';
import { type Checkpoints, scheduleCheckpoints } from './wal-checkpoint.ts';

/** Version of the tables, kept in `PRAGMA user_version`. */
export const SCHEMA_VERSION = 1;

/** How long an opener waits for a predecessor that is still closing, in milliseconds. */
const BUSY_TIMEOUT = 3000;

const SQLITE_BUSY = 5;
const SQLITE_LOCKED = 6;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;

const TYPES: readonly StoreEvent['type'][] = ['ADDED', 'MODIFIED', 'DELETED'];

const TABLES = `
  CREATE TABLE log (
    revision INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    type INTEGER NOT NULL,
    created INTEGER NOT NULL,
    json TEXT NOT NULL
  ) STRICT;
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO meta (name, value) VALUES ('compacted', 0);
  PRAGMA user_version = ${SCHEMA_VERSION};
`;

/** Creates the file readable by its owner only: it holds Secrets. SQLite gives its journal the same mode. */
function createPrivately(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
}

function explain(path: string, error: unknown): StoreOpenError {
  if (error instanceof StoreOpenError) return error;
  const code = ((error as { readonly errcode?: number }).errcode ?? 0) & 0xff;
  const text = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  if (code === SQLITE_BUSY || code === SQLITE_LOCKED) {
    const message = `object store ${path} is in use by another process; stop it first (${text})`;
    return new StoreOpenError('locked', message, options);
  }
  if (code === SQLITE_CORRUPT || code === SQLITE_NOTADB) {
    const message = `object store ${path} is damaged (${text}); restore it from a backup or move it away to start empty`;
    return new StoreOpenError('corrupt', message, options);
  }
  return new StoreOpenError('unreadable', `object store ${path} can't be opened: ${text}`, options);
}

function userVersion(db: DatabaseSync): number {
  return Number(db.prepare('PRAGMA user_version').get()?.['user_version'] ?? 0);
}

/** Takes the file for this process (the lock lasts until it is closed) and makes the tables when they are absent. */
function prepare(db: DatabaseSync, path: string): void {
  db.exec(
    'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = FAST;',
  );
  db.exec('PRAGMA journal_size_limit = 16777216; BEGIN IMMEDIATE;');
  const version = userVersion(db);
  if (version > SCHEMA_VERSION) {
    const message = `object store ${path} was written by a newer version (schema ${version}, this one knows ${SCHEMA_VERSION})`;
    throw new StoreOpenError('newer-schema', message);
  }
  if (version === 0) db.exec(TABLES);
  db.exec('COMMIT');
}

function toRow(record: Record<string, unknown>): LogRow {
  return {
    revision: Number(record['revision']),
    key: String(record['key']),
    type: TYPES[Number(record['type'])] ?? 'MODIFIED',
    createRevision: Number(record['created']),
    json: String(record['json']),
  };
}

/** The log in one SQLite file: a row per change, its id the revision. */
export class SqliteLog implements ObjectLog {
  readonly database: DatabaseSync;
  readonly #path: string;
  readonly #insert: StatementSync;
  readonly #drop: StatementSync;
  readonly #compact: StatementSync;
  readonly #checkpoints: Checkpoints;

  constructor(database: DatabaseSync, path: string) {
    this.database = database;
    this.#path = path;
    this.#insert = database.prepare('INSERT INTO log (revision, key, type, created, json) VALUES (?, ?, ?, ?, ?)');
    this.#drop = database.prepare('DELETE FROM log WHERE revision = ?');
    this.#compact = database.prepare("UPDATE meta SET value = ? WHERE name = 'compacted'");
    this.#checkpoints = scheduleCheckpoints(database);
  }

  load(): LogContent {
    try {
      const meta = this.database.prepare("SELECT value FROM meta WHERE name = 'compacted'").get();
      const records = this.database
        .prepare('SELECT revision, key, type, created, json FROM log ORDER BY revision')
        .all();
      return { rows: records.map(toRow), compactedRevision: Number(meta?.['value'] ?? 0) };
    } catch (error) {
      throw explain(this.#path, error);
    }
  }

  commit(batch: LogBatch): void {
    this.database.exec('BEGIN IMMEDIATE');
    try {
      for (const row of batch.rows) {
        this.#insert.run(row.revision, row.key, TYPES.indexOf(row.type), row.createRevision, row.json);
      }
      for (const revision of batch.dropped) this.#drop.run(revision);
      if (batch.dropped.length > 0) this.#compact.run(batch.compactedRevision);
      this.database.exec('COMMIT');
      this.#checkpoints.committed();
    } catch (error) {
      if (this.database.isTransaction) this.database.exec('ROLLBACK');
      throw error;
    }
  }

  rewrite(rows: readonly LogRow[]): void {
    const update = this.database.prepare('UPDATE log SET json = ? WHERE revision = ?');
    this.database.exec('PRAGMA secure_delete = ON; BEGIN IMMEDIATE;');
    for (const { json, revision } of rows) update.run(json, revision);
    this.database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE);');
  }

  rest(): void {
    this.database.exec('PRAGMA shrink_memory');
  }

  close(): void {
    this.#checkpoints.stop();
    if (this.database.isOpen) this.database.close();
  }
}

/** Opens the log at `path`, waiting `busyTimeout` milliseconds for another holder. Throws StoreOpenError. */
export function openSqliteLog(path: string, busyTimeout: number = BUSY_TIMEOUT): SqliteLog {
  let database: DatabaseSync | undefined;
  try {
    createPrivately(path);
    database = new DatabaseSync(path, { timeout: busyTimeout });
    prepare(database, path);
    return new SqliteLog(database, path);
  } catch (error) {
    database?.close();
    throw explain(path, error);
  }
}
