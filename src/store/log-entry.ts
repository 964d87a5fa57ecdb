import type { KubernetesObject } from '../machinery/object.ts';
import type { StoreEntry } from './store.ts';

/** What identifies a version and its text. */
export interface LogEntryFields {
  readonly key: string;
  readonly revision: number;
  readonly createRevision: number;
  readonly json: string;
}

/**
 * An entry whose text is the truth and whose object is parsed when somebody asks. A start needs to parse
 * nothing, and old versions in the event window cost their text alone.
 */
export class LogEntry implements StoreEntry {
  readonly key: string;
  readonly revision: number;
  readonly createRevision: number;
  readonly json: string;
  #object: KubernetesObject | undefined;

  constructor(fields: LogEntryFields, object?: KubernetesObject) {
    this.key = fields.key;
    this.revision = fields.revision;
    this.createRevision = fields.createRevision;
    this.json = fields.json;
    this.#object = object;
  }

  get object(): KubernetesObject {
    this.#object ??= JSON.parse(this.json) as KubernetesObject;
    return this.#object;
  }

  /** Forgets the parsed form; the next reader parses again. For versions that were superseded, and for times without readers. */
  release(): void {
    this.#object = undefined;
  }
}

/** Makes the entry of an object at a revision: `metadata.resourceVersion` is written into it, then it is serialized. */
export function makeEntry(place: Omit<LogEntryFields, 'json'>, object: KubernetesObject): LogEntry {
  const stamped = { ...object, metadata: { ...object.metadata, resourceVersion: String(place.revision) } };
  return new LogEntry({ ...place, json: JSON.stringify(stamped) }, stamped);
}
