import type { KubernetesObject } from '../machinery/object.ts';
import { LogEntry } from '../store/log-entry.ts';
import type { StoreEntry } from '../store/store.ts';

/** The entry that a write would have made: it has no revision of its own. */
export function dryRunEntry(key: string, object: KubernetesObject, current?: StoreEntry): StoreEntry {
  const json = JSON.stringify(object);
  const place = { key, revision: current?.revision ?? 0, createRevision: current?.createRevision ?? 0 };
  return new LogEntry({ ...place, json }, object);
}
