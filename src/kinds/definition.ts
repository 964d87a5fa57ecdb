import type { FieldError } from '../machinery/field-error.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import type { Decoded } from '../machinery/schema/decode.ts';
import type { SchemaSource } from '../machinery/schema/schema.ts';
import type { Column } from '../machinery/table.ts';
import type { WebhookClientConfig } from './webhook-client-config.ts';

/** Where a subresource lives and what it accepts. */
export interface Subresource {
  /** `status`, `scale`, `log`, `exec`, `attach`, `portforward`, `eviction`, `binding`, `finalize`, `token`, … */
  readonly name: string;
  readonly verbs: readonly string[];
  /** Kind of the body where it isn't the parent's own, e.g. `Scale`. */
  readonly kind?: { readonly group: string; readonly version: string; readonly kind: string };
  /** Where a scale's numbers are in the parent, where they aren't at the usual places. */
  readonly scale?: ScalePaths;
}

/** Paths of a scale's parts, step by step. */
export interface ScalePaths {
  readonly specReplicas: readonly string[];
  readonly statusReplicas: readonly string[];
  /** Of a selector in its text form. */
  readonly labelSelector?: readonly string[];
}

/** A schema that came with an object of the API: how bodies of the kind are read, merged and published. */
export interface CustomSchema {
  /** Knows the kind's own schemas and the house's. */
  readonly source: SchemaSource;
  /** What the kind adds to the published schemas, by name. */
  readonly schemas: { readonly [name: string]: object };
  /** Reads a body; wrong types below metadata are left to validation. */
  readonly decode: (body: object) => Decoded;
  readonly storage: CustomStorage;
}

/** How a version of a custom kind relates to what is stored. */
export interface CustomStorage {
  /** The version in which objects are written. What was written before may be of any other. */
  readonly apiVersion: string;
  /** An object that was read, without what its schema doesn't know and with its defaults. Shares what doesn't change. */
  readonly refine: (object: KubernetesObject) => KubernetesObject;
  /** Converts between versions; without one only the version's name changes. */
  readonly webhook?: {
    readonly clientConfig: WebhookClientConfig;
    readonly reviewVersions: readonly string[];
  };
}

/** A condition of a printed row: `Completed` makes kubectl's `wait`-like clients skip finished objects. */
export interface RowCondition {
  readonly type: 'Completed';
  readonly status: 'True';
  readonly reason: string;
  readonly message: string;
}

/** Objects of another kind under other names: the same set in storage, shown in a second group. */
export interface KindView {
  /** The kind that is stored. */
  readonly of: KindDefinition;
  /** Its names for those top-level fields that the view calls differently, by the view's name. */
  readonly renames: { readonly [field: string]: string };
  /** Where names aren't all that differs: whole objects, either way; `apiVersion` is not their business. */
  readonly convert?: {
    readonly toStored: (object: KubernetesObject) => KubernetesObject;
    readonly toViewed: (object: KubernetesObject) => KubernetesObject;
  };
}

/** What is known while a write is prepared and validated. Pure: time and randomness come in here. */
export interface WriteContext {
  /** RFC 3339, whole seconds. */
  readonly now: string;
}

/**
 * Everything the house knows of one kind, in one value. Shared code never branches on a kind: it
 * asks the definition. Functions are pure, never throw and never mutate their arguments.
 * The order of the pipeline (registry): prepare → default → validate.
 */
export interface KindDefinition<T extends KubernetesObject = KubernetesObject> {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly namespaced: boolean;
  /** `create delete deletecollection get list patch update watch` unless said otherwise. */
  readonly verbs: readonly string[];
  /** Answered by a handler and never stored: a question that is created (reviews), or a reading (metrics). */
  readonly virtual?: boolean;
  /** Set where this kind is another way to see a stored one; its `validate` is then about creating only. */
  readonly view?: KindView;
  /** Kind of lists where it isn't the kind with `List` behind it. */
  readonly listKind?: string;
  /** Key of the type in the schema data, e.g. `io.k8s.api.core.v1.Pod`. */
  readonly schema: string;
  /** Set where `schema` isn't one of the house's. Such objects know no strategic merge. */
  readonly custom?: CustomSchema;
  /** An update has to say which version it replaces. */
  readonly requiresVersion?: boolean;
  /** An update of what isn't there makes it. */
  readonly createsOnUpdate?: boolean;
  /** Finalizers need no path in their names. */
  readonly freeFinalizers?: boolean;
  /** `validateUpdate` says everything about updates, so that old faults aren't in the way; `validate` is for creating. */
  readonly ratchets?: boolean;
  readonly subresources: readonly Subresource[];
  /** Priority-ordered columns of `kubectl get`; the first is Name. */
  readonly columns: readonly Column<T>[];
  /** `conditions` of the object's row in a Table; none where absent. */
  readonly rowConditions?: (object: T) => readonly RowCondition[];
  /** Whether `spec` changes bump metadata.generation. */
  readonly tracksGeneration: boolean;
  /** Fields usable in `fieldSelector` beside metadata.name and metadata.namespace. */
  readonly selectableFields: { readonly [path: string]: (object: T) => string };
  /** How names are checked: upstream's ValidateXName. */
  readonly nameRule: 'dns-subdomain' | 'dns-label' | 'dns-1035-label' | 'path-segment';
  /** Clears what a client may not set on create (status). */
  readonly prepareForCreate: (object: T, context: WriteContext) => T;
  /** Carries over what a client may not change on a main-resource update (status). */
  readonly prepareForUpdate: (object: T, old: T, context: WriteContext) => T;
  /** Upstream's defaults.go for this kind. Idempotent. */
  readonly applyDefaults: (object: T) => T;
  readonly validate: (object: T) => readonly FieldError[];
  /**
   * Immutable fields and cross-version rules. Called beside `validate`. A view's are called beside the stored kind's, for
   * writes through the view, with the objects as they are stored.
   */
  readonly validateUpdate: (object: T, old: T) => readonly FieldError[];
  /** What a subresource may make of an object, where ordinary updates' rules don't hold; by the subresource's name. */
  readonly validateThrough?: { readonly [subresource: string]: (object: T, old: T) => readonly FieldError[] };
  /** `Warning:` headers upstream would send. */
  readonly warnings: (object: T, old: T | undefined) => readonly string[];
  /** Default grace of a delete in seconds; undefined: it goes at once, whatever was asked for. Pods use their own spec. */
  readonly deletionGraceSeconds: (object: T) => number | undefined;
  /** The object as readers see it at a time (ms since 1970), where that is more than what is stored; the same one if not. */
  readonly shown?: (object: T, now: number) => T;
  /** What the support matrix says. */
  readonly support: { readonly level: 'full' | 'partial' | 'stored'; readonly note: string };
}
