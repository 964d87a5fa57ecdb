import { applyPatch } from '../machinery/apply/apply-patch.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { conflict, invalid, notFound } from '../machinery/status-error.ts';
import type { StoreEntry } from '../store/store.ts';
import { keyFor, type RegistryContext, subjectOf } from './context.ts';
import { createPrepared } from './create-object.ts';
import { type DecodedObject, decodeObject } from './decode-object.ts';
import { describeWrite } from './managed-fields.ts';
import type { PatchTarget } from './patch-target.ts';
import type { WriteOutcome } from './registry.ts';
import { replaceObject, requireKey } from './update-object.ts';

/** 422 without a manager: nobody could own what is applied. */
function requireManager(manager: string | undefined): void {
  if (manager) return;
  const message = 'Required value: is required for apply patch';
  const error = { type: 'FieldValueRequired', field: 'fieldManager', message } as const;
  throw invalid({ group: 'meta.k8s.io', resource: 'PatchOptions', name: '' }, [error]);
}

function decodeConfig(context: RegistryContext, { kind, key, patch, options }: PatchTarget): DecodedObject {
  const decoded = decodeObject(kind, patch.body, { ...options, schema: context.schema });
  requireKey(decoded.object, key);
  return decoded;
}

function merge(
  context: RegistryContext,
  { kind, patch, options }: PatchTarget,
  { config, live }: { readonly config: KubernetesObject; readonly live: KubernetesObject | undefined },
): KubernetesObject {
  const force = patch.force ?? false;
  const outcome = applyPatch({ ...describeWrite(context, kind, options), live, config, force });
  if (!outcome.ok) throw outcome.error;
  return outcome.object;
}

async function createByApply(
  context: RegistryContext,
  target: PatchTarget,
  config: KubernetesObject,
): Promise<WriteOutcome | undefined> {
  const { kind, key, options } = target;
  if (options.subresource) throw notFound(subjectOf(kind, key.name));
  const { uid } = config.metadata ?? {};
  if (uid) {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(subjectOf(kind, key.name), why);
  }
  const object = merge(context, target, { config, live: undefined });
  const how = { ...options, patched: true };
  return createPrepared(context, { kind, object, namespace: key.namespace, options: how, applied: true });
}

/** Applies once; undefined when another write came first. */
export async function applyObject(context: RegistryContext, target: PatchTarget): Promise<WriteOutcome | undefined> {
  const { kind, key, options } = target;
  requireManager(options.fieldManager);
  const { object: config, warnings } = decodeConfig(context, target);
  const current: StoreEntry | undefined = context.store.get(keyFor(kind, key));
  const outcome =
    current === undefined
      ? await createByApply(context, target, config)
      : await replaceObject(context, {
          kind,
          incoming: merge(context, target, { config, live: current.object }),
          current,
          options: { ...options, patched: true },
          applied: true,
        });
  return outcome && { ...outcome, warnings: [...warnings, ...outcome.warnings] };
}
