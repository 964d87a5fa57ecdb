import type { KubernetesObject } from '../../machinery/object.ts';

/** An object that every cluster has. */
export interface BuiltIn {
  /** `<group>/<plural>`. */
  readonly resource: string;
  /** `spec` is the house's to say: a stored one that differs is put right. */
  readonly isFixed?: boolean;
  readonly object: KubernetesObject & { readonly spec?: unknown; readonly status?: unknown };
}
