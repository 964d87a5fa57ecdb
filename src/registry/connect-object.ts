import type { KindDefinition } from '../kinds/definition.ts';
import type { KubernetesObject, ObjectKey } from '../machinery/object.ts';
import { type Admission, admitMutating, admitValidating } from './admit.ts';
import type { RegistryContext } from './context.ts';
import { requireEntry } from './read-objects.ts';
import type { WriteOptions } from './registry.ts';

/** Asks dynamic admission about a connection (`exec`, `attach`, `portforward`). Rejects with the first refusal. */
export async function admitConnection(
  context: RegistryContext,
  { kind, key }: { readonly kind: KindDefinition; readonly key: ObjectKey },
  options: object,
  how: WriteOptions,
): Promise<void> {
  const { object: old } = requireEntry(context, kind, key);
  const admission: Admission = { operation: 'CONNECT', kind, options: how, old, warnings: [] };
  await admitMutating(context, admission, options as KubernetesObject);
  await admitValidating(context, admission, options as KubernetesObject);
}
