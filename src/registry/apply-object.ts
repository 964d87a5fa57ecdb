import type { KindDefinition } from '../kinds/definition.ts';
import { toStored } from '../kinds/view.ts';
import { applyPatch } from '../machinery/apply/apply-patch.ts';
import { typedPath } from '../machinery/apply/typed-path.ts';
import { apiVersionOf, type KubernetesObject } from '../machinery/object.ts';
import { badRequest, conflict, invalid, notFound } from '../machinery/status-error.ts';
import type { StoreEntry } from '../store/store.ts';
import { keyFor, type RegistryContext, schemaOf, subjectOf } from './context.ts';
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

/** Throws 400 for an object of another type: nothing of it could be merged. */
function requireType(kind: KindDefinition, body: unknown): void {
  const { apiVersion, kind: name } = (body ?? {}) as { readonly apiVersion?: unknown; readonly kind?: unknown };
  if (apiVersion === apiVersionOf(kind) && name === kind.kind) return;
  const version = typeof apiVersion === 'string' && apiVersion !== '' ? apiVersion : '/';
  throw badRequest(
    `invalid object type: ${version.includes('/') ? version : `/${version}`}, Kind=${String(name ?? '')}`,
  );
}

/** 400 for an object that doesn't have the schema's shape, in the words of the typed merge. */
function untyped(kind: KindDefinition, body: unknown, findings: readonly string[]): Error {
  const { name = '', namespace = '' } = (body as KubernetesObject).metadata ?? {};
  const about = `${namespace}/${name}; ${kind.group}/${kind.version}, Kind=${kind.kind}`;
  const [first = ''] = findings;
  const what = findings.length === 1 ? first : `errors:\n  ${[...findings].sort().join('\n  ')}`;
  return badRequest(`failed to create typed patch object (${about}): ${what}`);
}

/** Reads what is applied: unlike elsewhere, unknown fields are refused whatever `fieldValidation` says. */
function decodeConfig(context: RegistryContext, target: PatchTarget): DecodedObject {
  const { key, options } = target;
  const { body, through } = target.patch;
  const kind = through ?? target.kind;
  requireType(kind, body);
  const refuse = (why: string) => untyped(kind, body, [why]);
  const decoded = decodeObject(kind, body, { ...options, fieldValidation: 'Warn', schema: context.schema, refuse });
  if (decoded.unknown.length > 0) {
    const source = schemaOf(context, kind);
    const type = { schema: source.lookup(kind.schema), source };
    throw untyped(
      kind,
      body,
      decoded.unknown.map((path) => `${typedPath(body, path, type)}: field not declared in schema`),
    );
  }
  requireKey(decoded.object, key);
  return through ? { ...decoded, object: toStored(through, decoded.object) } : decoded;
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
