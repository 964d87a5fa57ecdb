import type { AdmissionRequest } from '../admission/plugin.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { type KubernetesObject, keyOf } from '../machinery/object.ts';
import { StatusError } from '../machinery/status-error.ts';
import type { RegistryContext } from './context.ts';
import type { WriteOptions } from './registry.ts';

/** Which write is admitted. */
export interface Admission {
  readonly operation: AdmissionRequest['operation'];
  readonly kind: KindDefinition;
  readonly options: WriteOptions;
  readonly old?: KubernetesObject;
  readonly onSettled?: AdmissionRequest['onSettled'];
}

function requestOf(
  { operation, kind, options, old, onSettled }: Admission,
  object: KubernetesObject,
): AdmissionRequest {
  const key = keyOf(object);
  const user = options.user === undefined ? {} : { user: options.user };
  return { operation, kind, key, object, old, onSettled, subresource: options.subresource ?? '', ...user };
}

/** Runs one attempt at a write and tells those plug-ins that asked when it is over. */
export async function settling<T>(
  attempt: (onSettled: NonNullable<AdmissionRequest['onSettled']>) => Promise<T>,
): Promise<T> {
  const waiting: (() => void)[] = [];
  try {
    return await attempt((run) => waiting.push(run));
  } finally {
    for (const run of waiting) run();
  }
}

/** The object after every plug-in's mutation. Throws the first refusal. */
export function admitMutating(
  context: RegistryContext,
  admission: Admission,
  object: KubernetesObject,
): KubernetesObject {
  let current = object;
  for (const plugin of context.admission) {
    const result = plugin.mutate?.(requestOf(admission, current), context.lookup) ?? current;
    if (result instanceof StatusError) throw result;
    current = result;
  }
  return current;
}

/** What plug-ins have to say about the object that is written. */
export function admissionWarnings(
  context: RegistryContext,
  admission: Admission,
  object: KubernetesObject,
): readonly string[] {
  const request = requestOf(admission, object);
  return context.admission.flatMap((plugin) => plugin.warnings?.(request, context.lookup) ?? []);
}

/** Asks every plug-in about the object that would be stored. Throws the first refusal. */
export function admitValidating(context: RegistryContext, admission: Admission, object: KubernetesObject): void {
  for (const plugin of context.admission) {
    const refusal = plugin.validate?.(requestOf(admission, object), context.lookup);
    if (refusal !== undefined) throw refusal;
  }
}
