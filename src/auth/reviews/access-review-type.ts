import type { KubernetesObject } from '../../machinery/object.ts';

/** `authorization.k8s.io/v1` SubjectAccessReview, its local and its self form. */
export interface AccessReview extends KubernetesObject {
  readonly spec?: {
    readonly resourceAttributes?: {
      readonly namespace?: string;
      readonly verb?: string;
      readonly group?: string;
      readonly version?: string;
      readonly resource?: string;
      readonly subresource?: string;
      readonly name?: string;
    };
    readonly nonResourceAttributes?: { readonly path?: string; readonly verb?: string };
    readonly user?: string;
    readonly groups?: readonly string[];
    readonly uid?: string;
    readonly extra?: { readonly [key: string]: readonly string[] };
  };
}
