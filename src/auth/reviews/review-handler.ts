import type { KubernetesObject } from '../../machinery/object.ts';
import type { UserInfo } from '../authenticator.ts';

/** A create of a kind that is answered and not stored. */
export interface ReviewCall {
  /** Of the request's path; '' for cluster-scoped kinds. */
  readonly namespace: string;
  /** The body in its kind's shape, not validated. */
  readonly object: KubernetesObject;
  /** Who asks. */
  readonly user: UserInfo;
}

/** Answers it; rejects with `StatusError`. */
export type ReviewHandler = (call: ReviewCall) => Promise<{ readonly object: KubernetesObject }>;

/** Handlers by `<group>/<plural>`. */
export type ReviewHandlers = { readonly [resource: string]: ReviewHandler };
