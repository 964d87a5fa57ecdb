import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { LogBatch, LogContent, LogRow, ObjectLog } from './object-log.ts';
import { StoreOpenError } from './store-errors.ts';

/** What is encrypted, and with what. */
export interface LogEncryption {
  /** 32 bytes; undefined when there is none: then nothing is encrypted, and what was can't be read. */
  readonly key: Uint8Array | undefined;
  /** Prefixes of the keys whose objects are. */
  readonly prefixes: readonly string[];
}

/** No JSON begins so. */
const MARK = 'aesgcm:v1:';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

type Place = Pick<LogRow, 'key' | 'revision'>;

/** A row's text can't be passed off as another's. */
function about({ key, revision }: Place): Buffer {
  return Buffer.from(`${revision} ${key}`);
}

function seal(row: LogRow, key: Uint8Array): LogRow {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(about(row));
  const text = Buffer.concat([cipher.update(row.json, 'utf8'), cipher.final()]);
  return { ...row, json: MARK + Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64') };
}

function unseal(row: LogRow, key: Uint8Array | undefined): LogRow {
  if (!row.json.startsWith(MARK)) return row;
  if (key === undefined) {
    const message = `${row.key} is encrypted, and the credential quadshift.store-key isn't here: bring it back, or move the object store away to start empty`;
    throw new StoreOpenError('sealed', message);
  }
  const bytes = Buffer.from(row.json.slice(MARK.length), 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES))
    .setAAD(about(row))
    .setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  try {
    const text = Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
    return { ...row, json: text.toString('utf8') };
  } catch (cause) {
    const message = `${row.key} was encrypted with another key than the credential quadshift.store-key holds now`;
    throw new StoreOpenError('sealed', message, { cause });
  }
}

/**
 * A log that rests with the objects of some resources encrypted (AES-256-GCM, each row under its own nonce, bound to its
 * place). Rows from before there was a key are encrypted when the log is loaded.
 */
export function encryptLog(log: ObjectLog, { key, prefixes }: LogEncryption): ObjectLog {
  const isCovered = ({ key: at }: Place): boolean => prefixes.some((prefix) => at.startsWith(prefix));
  const sealCovered = (row: LogRow): LogRow => (key !== undefined && isCovered(row) ? seal(row, key) : row);
  return {
    load: (): LogContent => {
      const { rows, compactedRevision } = log.load();
      const stored = [...rows];
      const plain = key === undefined ? [] : stored.filter((row) => isCovered(row) && !row.json.startsWith(MARK));
      if (plain.length > 0) log.rewrite(plain.map(sealCovered));
      return { rows: stored.map((row) => unseal(row, key)), compactedRevision };
    },
    commit: (batch: LogBatch) => log.commit({ ...batch, rows: batch.rows.map(sealCovered) }),
    rewrite: (rows) => log.rewrite(rows.map(sealCovered)),
    rest: () => log.rest(),
    close: () => log.close(),
  };
}
