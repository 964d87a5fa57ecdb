import type { KindDefinition } from '../kinds/definition.ts';
import { LogEntry } from '../store/log-entry.ts';
import type { StoreEntry, StoreWatch } from '../store/store.ts';
import type { ListPage } from './registry.ts';
import { convertWatch } from './viewed-entries.ts';

/** What readers see of what is stored, where a kind has something to add that is true only now. */
export interface ShownEntries {
  readonly entry: (kind: KindDefinition, entry: StoreEntry) => StoreEntry;
  readonly page: (kind: KindDefinition, page: ListPage) => ListPage;
  readonly watch: (kind: KindDefinition, watch: StoreWatch) => StoreWatch;
}

/** Asks the kinds; nothing is remembered, and kinds that add nothing cost nothing. */
export function createShownEntries(clock: () => number): ShownEntries {
  const entry = (kind: KindDefinition, stored: StoreEntry): StoreEntry => {
    const object = kind.shown?.(stored.object, clock()) ?? stored.object;
    if (object === stored.object) return stored;
    const { key, revision, createRevision } = stored;
    return new LogEntry({ key, revision, createRevision, json: JSON.stringify(object) }, object);
  };
  return {
    entry,
    page: (kind, page) =>
      kind.shown === undefined ? page : { ...page, entries: page.entries.map((each) => entry(kind, each)) },
    watch: (kind, watch) =>
      kind.shown === undefined
        ? watch
        : convertWatch(watch, (event) => ({ ...event, entry: entry(kind, event.entry) })),
  };
}
