import { toViewed, type ViewKind } from '../kinds/view.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { LogEntry } from '../store/log-entry.ts';
import type { StoreEntry, StoreEvent, StoreWatch } from '../store/store.ts';
import type { ListPage } from './registry.ts';

/** Stored things as a view shows them. Each entry is converted and serialized once, however many read it. */
export interface ViewedEntries {
  readonly object: (kind: ViewKind, object: KubernetesObject) => KubernetesObject;
  readonly entry: (kind: ViewKind, entry: StoreEntry) => StoreEntry;
  readonly page: (kind: ViewKind, page: ListPage) => ListPage;
  readonly event: (kind: ViewKind, event: StoreEvent) => StoreEvent;
  readonly watch: (kind: ViewKind, watch: StoreWatch) => StoreWatch;
}

/** A watch whose events are converted on their way. */
export function convertWatch(source: StoreWatch, convert: (event: StoreEvent) => StoreEvent): StoreWatch {
  const events = source[Symbol.asyncIterator]();
  const next = async (): Promise<IteratorResult<StoreEvent>> => {
    const result = await events.next();
    return result.done === true ? result : { done: false, value: convert(result.value) };
  };
  const finish = async (): Promise<IteratorResult<StoreEvent>> => {
    source.close();
    return { done: true, value: undefined };
  };
  return { close: () => source.close(), [Symbol.asyncIterator]: () => ({ next, return: finish }) };
}

/** Makes the converters, with a memory of what was converted. */
export function createViewedEntries(): ViewedEntries {
  const memories = new WeakMap<ViewKind, WeakMap<StoreEntry, StoreEntry>>();
  const memoryOf = (kind: ViewKind): WeakMap<StoreEntry, StoreEntry> => {
    const memory = memories.get(kind) ?? new WeakMap<StoreEntry, StoreEntry>();
    memories.set(kind, memory);
    return memory;
  };
  const entry = (kind: ViewKind, stored: StoreEntry): StoreEntry => {
    const known = memoryOf(kind);
    const before = known.get(stored);
    if (before !== undefined) return before;
    const { key, revision, createRevision } = stored;
    const object = toViewed(kind, stored.object);
    const viewed = new LogEntry({ key, revision, createRevision, json: JSON.stringify(object) }, object);
    known.set(stored, viewed);
    return viewed;
  };
  const event = (kind: ViewKind, stored: StoreEvent): StoreEvent => ({
    ...stored,
    entry: entry(kind, stored.entry),
    previous: stored.previous && entry(kind, stored.previous),
  });
  return {
    object: toViewed,
    entry,
    event,
    page: (kind, page) => ({ ...page, entries: page.entries.map((each) => entry(kind, each)) }),
    watch: (kind, source) => convertWatch(source, (each) => event(kind, each)),
  };
}
