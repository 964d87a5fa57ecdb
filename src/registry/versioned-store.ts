import type { CustomStorage, KindDefinition } from '../kinds/definition.ts';
import { apiVersionOf, type KubernetesObject } from '../machinery/object.ts';
import { LogEntry, makeEntry } from '../store/log-entry.ts';
import type { Store, StoreEntry, StoreEvent, StoreWatch, StoreWrite, WriteResult } from '../store/store.ts';

/** Entries that a webhook has to convert before they can be read. */
export class NeedsConversion extends Error {
  readonly entries: readonly StoreEntry[];

  constructor(entries: readonly StoreEntry[]) {
    super('objects have to be converted first');
    this.entries = entries;
  }
}

/** Converts objects of one resource to a version, in their order. Rejects with StatusError. */
export type ConvertObjects = (
  objects: readonly KubernetesObject[],
  apiVersion: string,
) => Promise<readonly KubernetesObject[]>;

/** The store as one version of a custom kind shows it. */
export interface VersionedStore {
  /** Throws NeedsConversion for what nobody has converted yet. */
  readonly strict: Store;
  /** Shows what nobody has converted yet under the version's name, as it is: good enough for metadata. */
  readonly lenient: Store;
  /** Converts what has to be, so that it can be read. */
  readonly prepare: (entries: readonly StoreEntry[]) => Promise<void>;
}

/** What one version knows of stored entries; each is converted, pruned and defaulted once, however many read it. */
class Versions {
  readonly #shown = new WeakMap<StoreEntry, StoreEntry>();
  readonly #kind: KindDefinition;
  readonly #storage: CustomStorage;
  readonly #convert: ConvertObjects;

  constructor(kind: KindDefinition, storage: CustomStorage, convert: ConvertObjects) {
    this.#kind = kind;
    this.#storage = storage;
    this.#convert = convert;
  }

  get apiVersion(): string {
    return apiVersionOf(this.#kind);
  }

  needsWebhook(entry: StoreEntry): boolean {
    if (this.#storage.webhook === undefined || this.#shown.has(entry)) return false;
    return entry.object.apiVersion !== this.apiVersion;
  }

  /** The entry in this version; `object` is what came out of a conversion. */
  show(entry: StoreEntry, object?: KubernetesObject): StoreEntry {
    const known = this.#shown.get(entry);
    if (known !== undefined) return known;
    const refined = this.#storage.refine(object ?? this.renamed(entry.object));
    const shown = refined === entry.object ? entry : withObject(entry, refined);
    this.#shown.set(entry, shown);
    return shown;
  }

  renamed(object: KubernetesObject): KubernetesObject {
    return object.apiVersion === this.apiVersion ? object : { ...object, apiVersion: this.apiVersion };
  }

  async prepare(entries: readonly StoreEntry[]): Promise<void> {
    const waiting = entries.filter((entry) => this.needsWebhook(entry));
    if (waiting.length === 0) return;
    const objects = await this.#convert(
      waiting.map(({ object }) => object),
      this.apiVersion,
    );
    for (const [at, entry] of waiting.entries()) this.show(entry, objects[at]);
  }

  /** An object of this version as it is stored. */
  async stored(object: KubernetesObject): Promise<KubernetesObject> {
    const { apiVersion, webhook } = this.#storage;
    if (object.apiVersion === apiVersion) return object;
    if (webhook === undefined) return { ...object, apiVersion };
    const [converted = object] = await this.#convert([object], apiVersion);
    return converted;
  }

  /** The entry that a write of an object of this version has made. */
  written(entry: StoreEntry, object: KubernetesObject | undefined): StoreEntry {
    if (object === undefined || object.apiVersion === this.#storage.apiVersion) return this.show(entry);
    const { object: shown } = makeEntry(entry, object);
    return this.show(entry, shown);
  }
}

function withObject({ key, revision, createRevision }: StoreEntry, object: KubernetesObject): StoreEntry {
  return new LogEntry({ key, revision, createRevision, json: JSON.stringify(object) }, object);
}

function convertWatch(source: StoreWatch, convert: (event: StoreEvent) => Promise<StoreEvent>): StoreWatch {
  const events = source[Symbol.asyncIterator]();
  const next = async (): Promise<IteratorResult<StoreEvent>> => {
    const result = await events.next();
    return result.done === true ? result : { done: false, value: await convert(result.value) };
  };
  const finish = async (): Promise<IteratorResult<StoreEvent>> => {
    source.close();
    return { done: true, value: undefined };
  };
  return { close: () => source.close(), [Symbol.asyncIterator]: () => ({ next, return: finish }) };
}

async function showEvent(versions: Versions, event: StoreEvent): Promise<StoreEvent> {
  const { entry, previous } = event;
  await versions.prepare(previous === undefined ? [entry] : [entry, previous]);
  return { ...event, entry: versions.show(entry), previous: previous && versions.show(previous) };
}

async function writeVersion(store: Store, versions: Versions, write: StoreWrite): Promise<WriteResult> {
  const { object } = write;
  const stored = object && (await versions.stored(object));
  const result = await store.write({ ...write, ...(stored && { object: stored }) } as StoreWrite);
  return result.outcome === 'ok' ? { ...result, entry: versions.written(result.entry, object) } : result;
}

/** One way to read; `all` turns stored entries into shown ones. */
function facade(
  store: Store,
  versions: Versions,
  all: (entries: readonly StoreEntry[]) => readonly StoreEntry[],
): Store {
  return {
    get revision() {
      return store.revision;
    },
    get compactedRevision() {
      return store.compactedRevision;
    },
    get: (key) => {
      const entry = store.get(key);
      return entry && all([entry])[0];
    },
    list: (prefix) => all(store.list(prefix)),
    listAt: (prefix, revision) => all(store.listAt(prefix, revision)),
    write: (write) => writeVersion(store, versions, write),
    watch: (prefix, after) => convertWatch(store.watch(prefix, after), (event) => showEvent(versions, event)),
    subscribe: (prefix, listener) => store.subscribe(prefix, listener),
    close: () => store.close(),
  };
}

/** The store in terms of one version of a custom kind. */
export function createVersionedStore(
  store: Store,
  { kind, storage }: { readonly kind: KindDefinition; readonly storage: CustomStorage },
  convert: ConvertObjects,
): VersionedStore {
  const versions = new Versions(kind, storage, convert);
  const strict = (entries: readonly StoreEntry[]): readonly StoreEntry[] => {
    const waiting = entries.filter((entry) => versions.needsWebhook(entry));
    if (waiting.length > 0) throw new NeedsConversion(waiting);
    return entries.map((entry) => versions.show(entry));
  };
  const lenient = (entries: readonly StoreEntry[]): readonly StoreEntry[] =>
    entries.map((entry) =>
      versions.needsWebhook(entry) ? withObject(entry, versions.renamed(entry.object)) : versions.show(entry),
    );
  return {
    strict: facade(store, versions, strict),
    lenient: facade(store, versions, lenient),
    prepare: (entries) => versions.prepare(entries),
  };
}
