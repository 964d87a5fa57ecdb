import type { Container } from '../../../src/kinds/types.ts';
import { expandReferences } from './expansion.ts';

type VolumeMount = NonNullable<Container['volumeMounts']>[number];

/** A mount's place inside its volume, '' for the volume itself; or why there is none, in the kubelet's words. */
export function subPathOf(
  { subPath, subPathExpr }: VolumeMount,
  variables: ReadonlyMap<string, string>,
): { readonly path: string } | { readonly problem: string } {
  const missing = /(?<!\$)(?:\$\$)*\$\(([^)]*)\)/g;
  const unknown = [...(subPathExpr ?? '').matchAll(missing)].map(([, name = '']) => name);
  const absent = unknown.find((name) => !variables.has(name));
  if (absent !== undefined) return { problem: `missing value for "${absent}"` };
  const path = subPath || expandReferences(subPathExpr ?? '', variables);
  if (path.startsWith('/')) return { problem: `error SubPath \`${path}\` must not be an absolute path` };
  if (path.split('/').includes('..')) {
    return { problem: `unable to provision SubPath \`${path}\`: must not contain '..'` };
  }
  return { path };
}
