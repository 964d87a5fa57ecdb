import type { KindDefinition } from '../kinds/definition.ts';
import type { KubernetesObject, ObjectKey } from '../machinery/object.ts';
import type { StatusError } from '../machinery/status-error.ts';

/** One write as plug-ins see it. */
export interface AdmissionRequest {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly kind: KindDefinition;
  /** '' for the object itself. */
  readonly subresource: string;
  readonly key: ObjectKey;
  /** The object as it would be stored; for DELETE the one that goes. */
  readonly object: KubernetesObject;
  /** The stored object; absent for CREATE. */
  readonly old?: KubernetesObject;
  readonly user?: { readonly name: string; readonly groups: readonly string[] };
  /** Calls `run` once when the write is stored, so that look-ups find it, or has come to nothing. */
  readonly onSettled?: (run: () => void) => void;
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
  /** Sentences for `Warning:` headers about an object that is let through. */
  readonly warnings?: (request: AdmissionRequest, lookup: AdmissionLookup) => readonly string[];
}

/** Whether a request is about a kind itself: `<group>/<plural>` and no subresource. */
export function isAbout(request: AdmissionRequest, resource: string): boolean {
  return request.subresource === '' && `${request.kind.group}/${request.kind.plural}` === resource;
}
