import type { Authorizer, UserInfo } from '../auth/authenticator.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import type { KubernetesObject, ObjectKey } from '../machinery/object.ts';
import type { ListOptions, Registry, WriteOptions } from '../registry/registry.ts';
import type { PodStreams } from '../streams/pod-streams.ts';

/** A create through a subresource that isn't the parent's own type (`binding`, `eviction`, `token`). */
export interface SubresourceCall {
  readonly kind: KindDefinition;
  readonly key: ObjectKey;
  /** The parsed body, an object, not validated. */
  readonly body: object;
  readonly options: WriteOptions;
  readonly user: UserInfo;
}

/** What such a create answers with (201). */
export interface SubresourceResult {
  readonly object: KubernetesObject | object;
  readonly warnings?: readonly string[];
}

/** Acts on the create; rejects with `StatusError`. */
export type SubresourceHandler = (call: SubresourceCall) => Promise<SubresourceResult>;

/** Handlers by subresource name, or by `<plural>/<subresource>` where two kinds differ. */
export type SubresourceHandlers = { readonly [name: string]: SubresourceHandler };

/** A create of a kind that is answered and never stored (`KindDefinition.virtual`). */
export interface VirtualCall {
  /** Of the request's path; '' for cluster-scoped kinds. */
  readonly namespace: string;
  /** The body in its kind's shape, not validated. */
  readonly object: KubernetesObject;
  readonly options: WriteOptions;
  readonly user: UserInfo;
}

/** Answers such a create with the object to send back (201); rejects with `StatusError`. */
export type VirtualHandler = (call: VirtualCall) => Promise<{ readonly object: KubernetesObject | object }>;

/** Handlers of virtual kinds by `<group>/<plural>`. */
export type VirtualHandlers = { readonly [resource: string]: VirtualHandler };

/** What a kind reads from that is never stored: usage, at the moment of the question. Rejects with `StatusError`. */
export interface Reading {
  get(key: ObjectKey): Promise<KubernetesObject>;
  list(options: ListOptions): Promise<readonly KubernetesObject[]>;
}

/** Readings of virtual kinds by `<group>/<plural>`. */
export type Readings = { readonly [resource: string]: Reading };

/** Where requests go on to. */
export interface ProxyLocation {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  readonly port: number;
  /** How the other side is known and who we are to it; without it nothing is checked. */
  readonly tls?: {
    readonly servername: string;
    readonly ca?: string;
    readonly cert: string;
    readonly key: string;
    readonly rejectUnauthorized: boolean;
  };
}

/** A version of a group that another server serves. */
export interface RemoteVersion {
  readonly group: string;
  readonly version: string;
  readonly groupPriority: number;
  readonly versionPriority: number;
  /** Its `APIResource`s, as far as they are known. */
  readonly resources: readonly RemoteResource[];
}

/** `metav1.APIResource`. */
export interface RemoteResource {
  readonly name: string;
  readonly singularName?: string;
  readonly namespaced?: boolean;
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs: readonly string[];
  readonly shortNames?: readonly string[];
  readonly categories?: readonly string[];
}

/** API servers behind this one. */
export interface Aggregation {
  /** Where a version is served; undefined where by this server or by nobody. Throws 503 where it is out of reach. */
  readonly locate: (group: string, version: string) => ProxyLocation | undefined;
  readonly versions: () => readonly RemoteVersion[];
}

/** A site that is answered here, path by path; undefined where it has nothing. */
export type LocalSite = (path: string) => Promise<{ readonly contentType: string; readonly body: string } | undefined>;

/** Finds what is behind the `proxy` subresource of `[scheme:]name[:port]`; rejects with `StatusError`. */
export type ProxyTarget = (key: ObjectKey) => ProxyLocation | { readonly site: LocalSite };

/** Targets by plural. */
export type ProxyTargets = { readonly [plural: string]: ProxyTarget };

/** What handlers need of the rest of the house. */
export interface Services {
  readonly registry: Registry;
  readonly streams: PodStreams;
  readonly subresources: SubresourceHandlers;
  readonly virtuals: VirtualHandlers;
  readonly readings: Readings;
  readonly proxies: ProxyTargets;
  readonly aggregation: Aggregation;
  readonly authorize: Authorizer;
}

/** What a resource request is about, resolved through the catalogue. */
export interface Target {
  readonly kind: KindDefinition;
  /** Namespace and name; the name is '' for collections. */
  readonly key: ObjectKey;
  readonly subresource: string;
}
