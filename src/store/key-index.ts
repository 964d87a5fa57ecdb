import type { LogEntry } from './log-entry.ts';
import { isBelow, resourcePrefixOf } from './store-key.ts';

/** Position of the first entry whose key is not before `key`. */
function lowerBound(entries: readonly LogEntry[], key: string): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = entries[middle];
    if (at !== undefined && at.key < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function byKey(a: LogEntry, b: LogEntry): number {
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}

/** The first string after everything that starts with `prefix`, which ends with `/`. */
function afterPrefix(prefix: string): string {
  return `${prefix.slice(0, -1)}0`;
}

/** Live entries by key, with one sorted array per resource so that a list is a slice. */
export class KeyIndex {
  readonly #entries = new Map<string, LogEntry>();
  readonly #sorted = new Map<string, LogEntry[]>();

  /** Fills an empty index at once. */
  load(entries: Iterable<LogEntry>): void {
    for (const entry of entries) {
      this.#entries.set(entry.key, entry);
      this.#bucket(entry.key).push(entry);
    }
    for (const bucket of this.#sorted.values()) bucket.sort(byKey);
  }

  get(key: string): LogEntry | undefined {
    return this.#entries.get(key);
  }

  values(): Iterable<LogEntry> {
    return this.#entries.values();
  }

  /** Entries below a prefix in key order; the array is the caller's. */
  list(prefix: string): LogEntry[] {
    if (!prefix.endsWith('/')) {
      const entry = this.#entries.get(prefix);
      return entry === undefined ? [] : [entry];
    }
    const resource = resourcePrefixOf(prefix);
    if (resource === undefined) return this.#listAcross(prefix);
    const bucket = this.#sorted.get(resource) ?? [];
    if (resource === prefix) return bucket.slice();
    return bucket.slice(lowerBound(bucket, prefix), lowerBound(bucket, afterPrefix(prefix)));
  }

  set(entry: LogEntry): void {
    const bucket = this.#bucket(entry.key);
    const at = lowerBound(bucket, entry.key);
    bucket.splice(at, this.#entries.has(entry.key) ? 1 : 0, entry);
    this.#entries.set(entry.key, entry);
  }

  delete(key: string): void {
    if (!this.#entries.delete(key)) return;
    const bucket = this.#bucket(key);
    bucket.splice(lowerBound(bucket, key), 1);
  }

  #listAcross(prefix: string): LogEntry[] {
    return [...this.#entries.values()].filter((entry) => isBelow(entry.key, prefix)).sort(byKey);
  }

  #bucket(key: string): LogEntry[] {
    const resource = resourcePrefixOf(key) ?? '';
    let bucket = this.#sorted.get(resource);
    if (bucket === undefined) {
      bucket = [];
      this.#sorted.set(resource, bucket);
    }
    return bucket;
  }
}
