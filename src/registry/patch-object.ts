import { toStored, toViewed } from '../kinds/view.ts';
import { applyJsonPatch } from '../machinery/patch/json-patch.ts';
import { applyMergePatch } from '../machinery/patch/merge-patch.ts';
import { type Patched, patchedObjectInvalid } from '../machinery/patch/patched.ts';
import { applyStrategicMergePatch } from '../machinery/patch/strategic-merge-patch.ts';
import { conflict, unsupportedMediaType, warning } from '../machinery/status-error.ts';
import { applyObject } from './apply-object.ts';
import { type RegistryContext, subjectOf } from './context.ts';
import { decodeObject } from './decode-object.ts';
import type { PatchTarget } from './patch-target.ts';
import { requireEntry } from './read-objects.ts';
import type { WriteOutcome } from './registry.ts';
import { MODIFIED_MEANWHILE, replaceObject, requireKey } from './update-object.ts';

/** How often a patch is applied again because another write came first, as upstream does. */
const ATTEMPTS = 5;

/** Patches of kinds whose schema says nothing of strategic merges. */
const CUSTOM_TYPES = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];

/** Throws 415 for a patch that the kind can't take. */
function requireType({ kind, patch }: PatchTarget): void {
  if (kind.custom === undefined || CUSTOM_TYPES.includes(patch.type)) return;
  const accepted = CUSTOM_TYPES.join(', ');
  throw unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
  );
}

/** The patched object for the three kinds of patch that know no owners. */
function patchValue(context: RegistryContext, { kind, patch }: PatchTarget, original: unknown): Patched {
  switch (patch.type) {
    case 'application/json-patch+json':
      return applyJsonPatch(original, patch.body);
    case 'application/merge-patch+json':
      return applyMergePatch(original, patch.body);
    default:
      return applyStrategicMergePatch(original, patch.body, { name: kind.schema, source: context.schema });
  }
}

/** Go writes a patched document's outermost fields in the order of their names. */
function sortedFields(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Patches once; undefined when another write came first. */
async function patchOnce(context: RegistryContext, target: PatchTarget): Promise<WriteOutcome | undefined> {
  const { kind, key, patch, options } = target;
  const current = requireEntry(context, kind, key);
  const { through } = patch;
  const seen = { ...target, kind: through ?? kind };
  const patched = patchValue(context, seen, through ? toViewed(through, current.object) : current.object);
  if (!patched.ok) throw patched.error;
  const shown = patch.type === 'application/strategic-merge-patch+json' ? patch.body : sortedFields(patched.value);
  const refuse = (why: string) => patchedObjectInvalid(JSON.stringify(shown), why);
  const decoded = decodeObject(seen.kind, patched.value, { ...options, schema: context.schema, refuse });
  const { warnings } = decoded;
  const object = through ? toStored(through, decoded.object) : decoded.object;
  return warning(warnings, async () => {
    requireKey(object, key);
    const how = { ...options, patched: true };
    const outcome = await replaceObject(context, { kind, incoming: object, current, options: how });
    return outcome && { ...outcome, warnings: [...warnings, ...outcome.warnings] };
  });
}

/** Patches an object. Rejects with StatusError. */
export async function patchObject(context: RegistryContext, target: PatchTarget): Promise<WriteOutcome> {
  const { kind, key, patch } = target;
  requireType(target);
  const once = patch.type === 'application/apply-patch+yaml' ? applyObject : patchOnce;
  for (let count = 0; count < ATTEMPTS; count++) {
    const outcome = await once(context, target);
    if (outcome !== undefined) return outcome;
  }
  throw conflict(subjectOf(kind, key.name), MODIFIED_MEANWHILE);
}
