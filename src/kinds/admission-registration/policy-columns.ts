import { formatSelector } from '../columns.ts';
import type { LabelSelector, Sparse } from '../types.ts';

/** `v1/ConfigMap`, or `<unset>`. */
export function formatParamKind(
  paramKind: { readonly apiVersion?: string; readonly kind?: string } | undefined,
): string {
  return paramKind ? `${paramKind.apiVersion ?? ''}/${paramKind.kind ?? ''}` : '<unset>';
}

interface ParamRef {
  readonly name?: string;
  readonly namespace?: string;
  readonly selector?: Sparse<LabelSelector>;
}

/** `namespace/name` or the selector of a binding's parameters, or `<unset>`. */
export function formatParamRef(ref: ParamRef | undefined): string {
  if (!ref) return '<unset>';
  if (ref.name) return ref.namespace ? `${ref.namespace}/${ref.name}` : ref.name;
  return ref.selector ? formatSelector(ref.selector) : '<unset>';
}
