import type { KubernetesObject } from '../machinery/object.ts';

/** A stored object with its serialized form: what the store hands out. */
export interface SerializedObject {
  readonly object: KubernetesObject;
  readonly json: string;
}

/** `metav1.ListMeta`. */
export interface ListMeta {
  readonly resourceVersion?: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

/** The object as the text of a `metav1.PartialObjectMetadata`. */
export function metadataOnly(object: KubernetesObject): string {
  const metadata = JSON.stringify(object.metadata ?? {});
  return `{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":${metadata}}`;
}
