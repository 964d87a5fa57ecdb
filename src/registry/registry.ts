import type { AdmissionUser } from '../admission/plugin.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import type { ViewKind } from '../kinds/view.ts';
import type { KubernetesObject, ObjectKey } from '../machinery/object.ts';
import type { Duplicates } from '../machinery/schema/strict-errors.ts';
import type { Status } from '../machinery/status-error.ts';
import type { StoreEntry, StoreEvent, StoreWatch } from '../store/store.ts';

/** Options shared by writes; the query parameters of the same names. */
export interface WriteOptions {
  readonly dryRun?: boolean;
  readonly fieldManager?: string;
  /** `Ignore`, `Warn` (default) or `Strict`. */
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict';
  /** Keys that stand twice in the body's text; none where the body was never text. */
  readonly duplicates?: Duplicates;
  /** Who writes; absent for the house's own controllers. */
  readonly user?: AdmissionUser;
  /** Write through this subresource (`status`, …) instead of the main resource. */
  readonly subresource?: string;
  /** The kind in the client's version, where that is a view of the stored one. */
  readonly requested?: KindDefinition;
  /** Throws where the writer may not create what an update would make. */
  readonly mayCreate?: () => void;
  /** Comes from a patch. */
  readonly patched?: boolean;
}

/** What an object that existed before it was stored brings along: only the house's own controllers know such. */
export interface Past {
  readonly uid: string;
  readonly creationTimestamp: string;
  /** Instead of the status that a new object has. */
  readonly status?: object;
}

/** Options of a create; `namespace` is the request's. */
export interface CreateOptions extends WriteOptions {
  readonly namespace?: string;
  readonly past?: Past;
}

/** Result of a write: the stored object and the sentences for `Warning:` headers. */
export interface WriteOutcome {
  readonly entry: StoreEntry;
  readonly warnings: readonly string[];
  /** True when update or patch-create made a new object (201). */
  readonly created: boolean;
}

/** `metav1.DeleteOptions` as far as the registry acts on it. */
export interface DeleteOptions extends WriteOptions {
  readonly gracePeriodSeconds?: number;
  readonly propagationPolicy?: 'Foreground' | 'Background' | 'Orphan';
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string };
}

/** What a delete did: gone at once (`deleted`), or marked and waiting for grace or finalizers. */
export interface DeleteOutcome {
  readonly entry: StoreEntry;
  readonly deleted: boolean;
  /** Body for a finished delete. */
  readonly status: Status;
  /** Sentences for `Warning:` headers. */
  readonly warnings: readonly string[];
}

/** Body of a patch with its media type. */
export interface PatchRequest {
  readonly type:
    | 'application/json-patch+json'
    | 'application/merge-patch+json'
    | 'application/strategic-merge-patch+json'
    | 'application/apply-patch+yaml';
  readonly body: unknown;
  readonly force?: boolean;
  /** The body is about the object as this view shows it. */
  readonly through?: ViewKind;
}

/** Which objects a list, watch or deletecollection is about. Selectors are in their query-string form. */
export interface Selection {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

/** List options; the query parameters of the same names. */
export interface ListOptions extends Selection {
  readonly limit?: number;
  readonly continue?: string;
  readonly resourceVersion?: string;
  readonly resourceVersionMatch?: string;
}

/** One page. */
export interface ListPage {
  readonly entries: readonly StoreEntry[];
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** Live objects of a kind by something other than their key. Always as current as the registry itself. */
export interface ObjectIndex<T extends KubernetesObject> {
  /** Objects that have this value, in the order of their keys. Costs what it finds. */
  get(value: string): readonly T[];
  /** How many `get` would find. */
  count(value: string): number;
}

/**
 * Reads and writes for any kind, in one order for all of them: prepare → default → admission mutate → validate →
 * admission validate → canonicalize → compare-and-append. Rejects with `StatusError` only.
 * Server and controllers share it; controllers pass no user.
 */
export interface Registry {
  /** Every kind that is served now: another array after each change. */
  readonly catalogue: readonly KindDefinition[];
  /** A resource's kind in a version; without one, in the version that is preferred. */
  definition(group: string, plural: string, version?: string): KindDefinition | undefined;
  /** Calls back after every change of the catalogue until the returned function is called. */
  subscribeCatalogue(listener: () => void): () => void;
  /**
   * Converts what has to be before it can be read; undefined, at once, where nothing has to. Reads of what was not
   * prepared show it in the version in which it is stored.
   */
  prepare(kind: KindDefinition, what: { readonly key: ObjectKey } | Selection): Promise<void> | undefined;
  get(kind: KindDefinition, key: ObjectKey): StoreEntry;
  /** Like `get`, undefined instead of NotFound. */
  find(kind: KindDefinition, key: ObjectKey): StoreEntry | undefined;
  list(kind: KindDefinition, options: ListOptions): ListPage;
  create(kind: KindDefinition, object: unknown, options?: CreateOptions): Promise<WriteOutcome>;
  update(kind: KindDefinition, key: ObjectKey, object: unknown, options?: WriteOptions): Promise<WriteOutcome>;
  patch(kind: KindDefinition, key: ObjectKey, patch: PatchRequest, options?: WriteOptions): Promise<WriteOutcome>;
  /** Read-modify-write with retry on conflict; `change` returns undefined to leave the object alone. */
  modify<T extends KubernetesObject>(
    kind: KindDefinition,
    key: ObjectKey,
    change: (object: T) => T | undefined,
    options?: WriteOptions,
  ): Promise<StoreEntry | undefined>;
  delete(kind: KindDefinition, key: ObjectKey, options?: DeleteOptions): Promise<DeleteOutcome>;
  deleteCollection(kind: KindDefinition, selection: ListOptions, options?: DeleteOptions): Promise<ListPage>;
  /** Events after `resourceVersion` that match the selection, with selector transitions turned into ADDED/DELETED. */
  watch(kind: KindDefinition, selection: Selection, resourceVersion: number): StoreWatch;
  /** Asks admission about a connection to an object through a subresource; rejects when it is refused. */
  connect(kind: KindDefinition, key: ObjectKey, options: object, how: WriteOptions): Promise<void>;
  /** An index of a kind, made when it is first asked for and kept: `valuesOf`, which must be pure, is what it is known by. */
  index<T extends KubernetesObject>(kind: KindDefinition, valuesOf: (object: T) => readonly string[]): ObjectIndex<T>;
  /** In-process change feed for controllers. */
  subscribe(kind: KindDefinition, listener: (events: readonly StoreEvent[]) => void): () => void;
  /** Current resourceVersion. */
  readonly revision: number;
}
