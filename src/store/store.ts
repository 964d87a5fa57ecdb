import type { KubernetesObject } from '../machinery/object.ts';

/** A stored version of an object. Immutable. */
export interface StoreEntry {
  /** `/<group>/<plural>/<namespace>/<name>`; the namespace is empty for cluster-scoped objects. */
  readonly key: string;
  /** Row id of the log; the object's `metadata.resourceVersion` is its decimal form. */
  readonly revision: number;
  /** Revision at which the object was created. */
  readonly createRevision: number;
  readonly object: KubernetesObject;
  /** The object's serialized form, made once and shared by every reader. */
  readonly json: string;
}

/** One change, in log order. */
export interface StoreEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** Revision of this change (a delete has its own). */
  readonly revision: number;
  /** The new version; for DELETED the last version, with resourceVersion set to the delete's revision. */
  readonly entry: StoreEntry;
  /** The version before; undefined for ADDED. Watches with selectors need it. */
  readonly previous: StoreEntry | undefined;
}

/** One conditional write. */
export type StoreWrite =
  | { readonly type: 'create'; readonly key: string; readonly object: KubernetesObject }
  | {
      readonly type: 'update';
      readonly key: string;
      readonly object: KubernetesObject;
      readonly expectedRevision: number;
    }
  | {
      readonly type: 'delete';
      readonly key: string;
      readonly expectedRevision: number;
      readonly object?: KubernetesObject;
    };

/** How a write ended. Anything but `ok` wrote nothing. `current` is what stands in the way. */
export type WriteResult =
  | { readonly outcome: 'ok'; readonly entry: StoreEntry }
  | { readonly outcome: 'exists'; readonly current: StoreEntry }
  | { readonly outcome: 'conflict'; readonly current: StoreEntry }
  | { readonly outcome: 'missing' };

/** A subscription to changes below a prefix. */
export interface StoreWatch extends AsyncIterable<StoreEvent> {
  close(): void;
}

/**
 * The object log. Two implementations (SQLite and memory) pass `store.conformance.ts`.
 * Invariants: revisions rise strictly and are never reused, even after a crash; a resolved write is durable;
 * readers see only durable state; events reach every watch in revision order, exactly once.
 */
export interface Store {
  /** Highest revision that is durable and visible. */
  readonly revision: number;
  /** Oldest revision from which a watch can still start. */
  readonly compactedRevision: number;
  get(key: string): StoreEntry | undefined;
  /** Entries below a prefix in key order, at the current revision. */
  list(prefix: string): readonly StoreEntry[];
  /**
   * Entries below a prefix as they were at `revision`. Throws `RevisionCompactedError` when it is too old.
   * Used to continue a paginated list.
   */
  listAt(prefix: string, revision: number): readonly StoreEntry[];
  /** Group-committed; resolves when durable. */
  write(write: StoreWrite): Promise<WriteResult>;
  /**
   * Events with revision > `after` below a prefix. Throws `RevisionCompactedError` when `after` is too old.
   * A watcher that falls too far behind is ended with `WatchOverflowError` and harms nobody else.
   */
  watch(prefix: string, after: number): StoreWatch;
  /** Synchronous in-process subscription: called once per committed batch, in order. For caches and informers. */
  subscribe(prefix: string, listener: (events: readonly StoreEvent[]) => void): () => void;
  close(): Promise<void>;
}

/** A store that can do with less memory while nobody asks. */
export interface RestingStore extends Store {
  /** Forgets what is remembered for speed alone: the next readers make it again. */
  rest(): void;
}

/** The wanted revision is no longer in the log. */
export class RevisionCompactedError extends Error {
  readonly compactedRevision: number;

  constructor(compactedRevision: number) {
    super(`revision has been compacted; the oldest is ${compactedRevision}`);
    this.name = 'RevisionCompactedError';
    this.compactedRevision = compactedRevision;
  }
}

/** The watcher did not read fast enough. */
export class WatchOverflowError extends Error {
  constructor() {
    super('watcher is too slow');
    this.name = 'WatchOverflowError';
  }
}
