import type { KindDefinition } from '../kinds/definition.ts';
import { generateName } from '../machinery/generate-name.ts';
import type { KubernetesObject } from '../machinery/object.ts';
import { alreadyExists, badRequest, invalid, warning } from '../machinery/status-error.ts';
import { type Admission, admissionWarnings, admitMutating, admitValidating, settling } from './admit.ts';
import { commit, keyFor, kindSubjectOf, now, type RegistryContext, subjectOf } from './context.ts';
import { decodeObject } from './decode-object.ts';
import { dryRunEntry } from './dry-run.ts';
import { trackManagers } from './managed-fields.ts';
import type { CreateOptions, WriteOutcome } from './registry.ts';
import { metadataForCreate } from './system-metadata.ts';
import { validateMetadata } from './validate-metadata.ts';

/** How often a generated name is drawn before giving up, as upstream does. */
const NAME_ATTEMPTS = 8;

/** The namespace that an object goes to. Throws 400 when the object says another one than the request. */
function namespaceFor(kind: KindDefinition, object: KubernetesObject, requested: string | undefined): string {
  const given = object.metadata?.namespace ?? '';
  if (!kind.namespaced) return '';
  if (requested === undefined || requested === '' || given === requested) return given;
  if (given === '') return requested;
  throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
}

/** A decoded object that shall be created. */
export interface Newborn {
  readonly kind: KindDefinition;
  readonly object: KubernetesObject;
  readonly namespace: string;
  readonly options: CreateOptions;
  /** Comes from an apply: see ManagedWrite. */
  readonly applied?: boolean;
}

function statusOf({ past }: CreateOptions): { readonly status?: object } {
  return past?.status === undefined ? {} : { status: past.status };
}

/** Runs the pipeline on one new object with one name. Throws StatusError. */
async function prepareNew(context: RegistryContext, newborn: Newborn, admission: Admission): Promise<KubernetesObject> {
  const { kind, object, namespace, options, applied } = newborn;
  const { name = '', generateName: base = '' } = object.metadata ?? {};
  const birth = {
    name: name === '' && base !== '' ? generateName(base, context.random) : name,
    namespace,
    uid: options.past?.uid ?? context.uid(),
    now: options.past?.creationTimestamp ?? now(context),
  };
  const born = { ...object, metadata: metadataForCreate(kind, object.metadata ?? {}, birth) };
  // Who owns what is decided by what was sent, with its defaults: what the house adds below belongs to nobody.
  const owned = trackManagers(context, { kind, object: kind.applyDefaults(born), options, applied });
  const prepared = { ...kind.prepareForCreate(owned, { now: birth.now }), ...statusOf(options) };
  const defaulted = kind.applyDefaults(prepared);
  const mutated = await admitMutating(context, admission, defaulted);
  const errors = [...validateMetadata(kind, mutated.metadata ?? {}), ...kind.validate(mutated)];
  if (errors.length > 0) throw invalid(kindSubjectOf(kind, birth.name), errors);
  await admitValidating(context, admission, mutated);
  return mutated;
}

/** Creates an object. Rejects with StatusError. */
export async function createObject(
  context: RegistryContext,
  kind: KindDefinition,
  body: unknown,
  options: CreateOptions = {},
): Promise<WriteOutcome> {
  const { object, warnings } = decodeObject(kind, body, { ...options, schema: context.schema });
  if (object.metadata?.resourceVersion) {
    throw badRequest('resourceVersion should not be set on objects to be created');
  }
  const newborn = { kind, object, options, namespace: namespaceFor(kind, object, options.namespace) };
  const { name, generateName: base = '' } = object.metadata ?? {};
  return warning(warnings, async () => {
    for (let left = name ? 1 : NAME_ATTEMPTS; left > 0; left--) {
      const outcome = await createPrepared(context, newborn);
      if (outcome !== undefined) return { ...outcome, warnings: [...warnings, ...outcome.warnings] };
    }
    throw alreadyExists(subjectOf(kind, name || base));
  });
}

/** Creates a decoded object; undefined when one of that name (given or drawn) is there. */
export function createPrepared(context: RegistryContext, newborn: Newborn): Promise<WriteOutcome | undefined> {
  return settling(async (onSettled) => {
    const { kind, options } = newborn;
    const admission: Admission = { operation: 'CREATE', kind, options, onSettled, warnings: [] };
    const prepared = await prepareNew(context, newborn, admission);
    const entry = await append(context, newborn, prepared);
    const admitted = admissionWarnings(context, admission, prepared);
    return entry && { entry, warnings: [...kind.warnings(prepared, undefined), ...admitted], created: true };
  });
}

/** Stores the object; undefined when one of that name is there. */
async function append(context: RegistryContext, { kind, namespace, options }: Newborn, object: KubernetesObject) {
  const key = keyFor(kind, { namespace, name: object.metadata?.name ?? '' });
  if (options.dryRun) return context.store.get(key) === undefined ? dryRunEntry(key, object) : undefined;
  const result = await commit(context, { type: 'create', key, object });
  return result.outcome === 'ok' ? result.entry : undefined;
}
