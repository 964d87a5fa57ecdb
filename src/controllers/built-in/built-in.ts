import type { KubernetesObject } from '../../machinery/object.ts';

/** An object that every cluster has. */
export interface BuiltIn {
  /** `<group>/<plural>`. */
  readonly resource: string;
  readonly object: KubernetesObject & { readonly spec?: unknown; readonly status?: unknown };
}
