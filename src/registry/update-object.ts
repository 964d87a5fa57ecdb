import type { KindDefinition } from '../kinds/definition.ts';
import { isView } from '../kinds/view.ts';
import { isSameButForTimes } from '../machinery/apply/update-managed-fields.ts';
import type { FieldError } from '../machinery/field-error.ts';
import { invalidValue } from '../machinery/field-path.ts';
import type { KubernetesObject, ObjectKey } from '../machinery/object.ts';
import { badRequest, conflict, invalid, methodNotAllowed, warning } from '../machinery/status-error.ts';
import type { StoreEntry, StoreWrite } from '../store/store.ts';
import { type Admission, admissionWarnings, admitMutating, admitValidating, settling } from './admit.ts';
import { commit, keyFor, kindSubjectOf, now, type RegistryContext, subjectOf } from './context.ts';
import { createPrepared } from './create-object.ts';
import { decodeObject, typed } from './decode-object.ts';
import { deletionRuleOf, isFinished } from './deletion-rules.ts';
import { dryRunEntry } from './dry-run.ts';
import { trackManagers } from './managed-fields.ts';
import { requireEntry } from './read-objects.ts';
import type { WriteOptions, WriteOutcome } from './registry.ts';
import { findSubresourceHook, type SubresourceHook } from './subresource-hooks.ts';
import { metadataForUpdate, withGeneration } from './system-metadata.ts';
import { validateMetadataUpdate } from './validate-metadata.ts';

/** Upstream's sentence for a lost race. */
export const MODIFIED_MEANWHILE =
  'the object has been modified; please apply your changes to the latest version and try again';

/** A new version that shall take the place of `current`. */
export interface Replacement {
  readonly kind: KindDefinition;
  readonly incoming: KubernetesObject;
  readonly current: StoreEntry;
  readonly options: WriteOptions;
  /** Comes from an apply: see ManagedWrite. */
  readonly applied?: boolean;
}

/** Throws 400 when an object's name or namespace isn't the one that the request is about. */
export function requireKey(object: KubernetesObject, key: ObjectKey): void {
  const { name = '', namespace = '' } = object.metadata ?? {};
  if (name === '') {
    throw badRequest(`the name of the object (${key.name} based on URL) was undeterminable: name must be provided`);
  }
  if (name !== key.name) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${key.name})`);
  }
  if (key.namespace !== '' && namespace !== '' && namespace !== key.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
}

/** Throws 409 when the incoming version says that it was made from another one, or is another object. */
/** For a patch of what is stored, another uid is an invalid change and not another object. */
function requireBase({ kind, incoming, current, options }: Replacement): void {
  const { resourceVersion, uid, name = '' } = incoming.metadata ?? {};
  const old = current.object.metadata ?? {};
  if (uid && uid !== old.uid && !options.patched) {
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.uid}`;
    throw conflict(subjectOf(kind, name), why);
  }
  if (resourceVersion && resourceVersion !== '0' && resourceVersion !== String(current.revision)) {
    throw conflict(subjectOf(kind, name), MODIFIED_MEANWHILE);
  }
}

function hookOf({ kind, options }: Replacement): SubresourceHook | undefined {
  const name = options.subresource ?? '';
  if (name === '') return undefined;
  const hook = findSubresourceHook(name);
  if (hook === undefined) throw methodNotAllowed({ group: kind.group, resource: `${kind.plural}/${name}` }, 'update');
  return hook;
}

function validate(replacement: Replacement, object: KubernetesObject, obeysRules: boolean): readonly FieldError[] {
  const { kind, current, options } = replacement;
  const { requested } = options;
  const rules = kind.validateThrough ?? {};
  const through = options.subresource ?? '';
  return [
    ...(Object.hasOwn(rules, through) ? (rules[through]?.(object, current.object) ?? []) : []),
    ...validateMetadataUpdate(kind, object.metadata ?? {}, current.object.metadata ?? {}),
    ...(kind.ratchets ? [] : kind.validate(object)),
    ...(obeysRules || kind.ratchets ? kind.validateUpdate(object, current.object) : []),
    ...(requested && isView(requested) ? requested.validateUpdate(object, current.object) : []),
  ];
}

/** Runs the pipeline on a new version. Throws StatusError. */
async function prepareReplacement(
  context: RegistryContext,
  replacement: Replacement,
  admission: Admission,
): Promise<KubernetesObject> {
  const { kind, incoming, current, options, applied } = replacement;
  const old = current.object;
  requireBase(replacement);
  const hook = hookOf(replacement);
  const merged = hook === undefined ? incoming : hook.merge(incoming, old);
  const based = { ...merged, metadata: metadataForUpdate(merged.metadata ?? {}, old.metadata ?? {}) };
  // As for a create: ownership comes before what the house adds.
  const sent = kind.applyDefaults(typed(kind, based));
  const owned = trackManagers(context, { kind, object: sent, old, options, applied });
  const prepared = hook === undefined ? kind.prepareForUpdate(owned, old, { now: now(context) }) : owned;
  const mutated = await admitMutating(context, admission, kind.applyDefaults(prepared));
  const object = hook?.keepsGeneration ? mutated : withGeneration(kind, mutated, old);
  const errors = validate(replacement, object, hook?.obeysUpdateRules ?? true);
  if (errors.length > 0) throw invalid(kindSubjectOf(kind, old.metadata?.name ?? ''), errors);
  await admitValidating(context, admission, object);
  return object;
}

/** Puts a new version in place; undefined when another write came first. Rejects with StatusError. */
export function replaceObject(context: RegistryContext, replacement: Replacement): Promise<WriteOutcome | undefined> {
  const { kind, options, current } = replacement;
  return settling(async (onSettled) => {
    const admission: Admission = { operation: 'UPDATE', kind, options, old: current.object, onSettled, warnings: [] };
    const object = await prepareReplacement(context, replacement, admission);
    const warnings = [...kind.warnings(object, current.object), ...admissionWarnings(context, admission, object)];
    return putInPlace(context, replacement, { object, warnings });
  });
}

async function putInPlace(
  context: RegistryContext,
  { kind, current, options }: Replacement,
  { object, warnings }: { readonly object: KubernetesObject; readonly warnings: readonly string[] },
): Promise<WriteOutcome | undefined> {
  if (isSameButForTimes(object, current.object)) return { entry: current, warnings, created: false };
  if (options.dryRun) return { entry: dryRunEntry(current.key, object, current), warnings, created: false };
  const type = isFinished(deletionRuleOf(kind), object) ? 'delete' : 'update';
  const write: StoreWrite = { type, key: current.key, object, expectedRevision: current.revision };
  const result = await commit(context, write);
  return result.outcome === 'ok' ? { entry: result.entry, warnings, created: false } : undefined;
}

/** Throws 422 for an update that doesn't say what it was made from, where the kind wants that. */
function requireVersion(kind: KindDefinition, { metadata }: KubernetesObject): void {
  if (!kind.requiresVersion || metadata?.resourceVersion) return;
  const error = invalidValue('metadata.resourceVersion', 0, 'must be specified for an update');
  throw invalid(kindSubjectOf(kind, metadata?.name ?? ''), [error]);
}

interface UpdateTarget {
  readonly kind: KindDefinition;
  readonly key: ObjectKey;
}

/** Whether an update makes an object, as there is none and its kind allows that. */
function makes(context: RegistryContext, { kind, key }: UpdateTarget, { subresource = '' }: WriteOptions): boolean {
  return kind.createsOnUpdate === true && subresource === '' && context.store.get(keyFor(kind, key)) === undefined;
}

function createByUpdate(
  context: RegistryContext,
  { kind, key }: UpdateTarget,
  { object, options }: { readonly object: KubernetesObject; readonly options: WriteOptions },
): Promise<WriteOutcome | undefined> {
  options.mayCreate?.();
  return createPrepared(context, { kind, object, namespace: key.namespace, options });
}

/** Replaces an object. Without a resourceVersion in the body, whatever version is there is replaced. */
export async function updateObject(
  context: RegistryContext,
  target: UpdateTarget,
  body: unknown,
  options: WriteOptions = {},
): Promise<WriteOutcome> {
  const { kind, key } = target;
  const { object, warnings } = decodeObject(kind, body, { ...options, schema: context.schema });
  return warning(warnings, async () => {
    requireKey(object, key);
    for (;;) {
      if (makes(context, target, options)) {
        const outcome = await createByUpdate(context, target, { object, options });
        if (outcome !== undefined) return { ...outcome, warnings: [...warnings, ...outcome.warnings] };
      }
      const current = requireEntry(context, kind, key);
      requireVersion(kind, object);
      const outcome = await replaceObject(context, { kind, incoming: object, current, options });
      if (outcome !== undefined) return { ...outcome, warnings: [...warnings, ...outcome.warnings] };
    }
  });
}
