import type { KindDefinition } from '../kinds/definition.ts';
import type { KubernetesObject, ObjectKey } from '../machinery/object.ts';
import type { StatusError } from '../machinery/status-error.ts';

/** Who sends a request. */
export interface AdmissionUser {
  readonly name: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  readonly extra?: { readonly [key: string]: readonly string[] };
}

/** One write as plug-ins see it. */
export interface AdmissionRequest {
  /** CONNECT is asked of dynamic admission alone. */
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT';
  readonly kind: KindDefinition;
  /** '' for the object itself. */
  readonly subresource: string;
  readonly key: ObjectKey;
  /** The object as it would be stored; for DELETE the one that goes; for CONNECT the options. */
  readonly object: KubernetesObject;
  /** The stored object; absent for CREATE. */
  readonly old?: KubernetesObject;
  readonly user?: AdmissionUser;
  /** Calls `run` once when the write is stored, so that look-ups find it, or has come to nothing. */
  readonly onSettled?: (run: () => void) => void;
}

/** What whoever asks others about a write needs to know beside it. */
export interface DynamicRequest extends AdmissionRequest {
  /** The kind in the version that the client speaks. */
  readonly requested: KindDefinition;
  readonly dryRun: boolean;
  /** `CreateOptions` and its kin. */
  readonly operationOptions: object;
  /** An object that somebody else made as the pipeline would have read it. Throws StatusError. */
  readonly reread: (object: object) => KubernetesObject;
  /** A sentence for a `Warning:` header. */
  readonly warn: (text: string) => void;
  /** A fact for those who audit. */
  readonly annotate: (key: string, value: string) => void;
  readonly round: AdmissionRound;
}

/** Mutating plug-ins run once, and a second time where one of those that may change anything asks for it. */
export interface AdmissionRound {
  readonly isSecond: boolean;
  /** Asks for the second round. */
  readonly repeat: () => void;
  /** What a plug-in remembers of the first round, by its name. */
  readonly memory: Map<string, unknown>;
}

/** Narrow read access to other objects. `resource` is `<group>/<plural>`, `/namespaces` for a core one. */
export interface AdmissionLookup {
  get(resource: string, key: ObjectKey): KubernetesObject | undefined;
  list(resource: string): readonly KubernetesObject[];
}

/**
 * A step of admission. `mutate` runs before validation and gives the object, changed or not, or a refusal;
 * `validate` runs after it and gives a refusal or nothing. Both are pure over request and lookup.
 */
export interface AdmissionPlugin {
  readonly name: string;
  readonly mutate?: (request: AdmissionRequest, lookup: AdmissionLookup) => KubernetesObject | StatusError;
  readonly validate?: (request: AdmissionRequest, lookup: AdmissionLookup) => StatusError | undefined;
  /** Like `mutate`, after it, for plug-ins that ask others; undefined, at once, where nobody has to be asked. */
  readonly mutateLater?: (
    request: DynamicRequest,
    lookup: AdmissionLookup,
  ) => Promise<KubernetesObject | StatusError> | undefined;
  /** Like `validate`, for plug-ins that ask others; undefined, at once, where nobody has to be asked. */
  readonly validateLater?: (
    request: DynamicRequest,
    lookup: AdmissionLookup,
  ) => Promise<StatusError | undefined> | undefined;
  /** Sentences for `Warning:` headers about an object that is let through. */
  readonly warnings?: (request: AdmissionRequest, lookup: AdmissionLookup) => readonly string[];
}

/** Whether a request is about a kind itself: `<group>/<plural>` and no subresource. */
export function isAbout(request: AdmissionRequest, resource: string): boolean {
  return request.subresource === '' && `${request.kind.group}/${request.kind.plural}` === resource;
}
