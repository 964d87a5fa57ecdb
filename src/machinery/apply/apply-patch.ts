import { deepEqual } from '../deep.ts';
import type { KubernetesObject } from '../object.ts';
import { badRequest, type StatusError } from '../status-error.ts';
import { compareTyped } from './compare.ts';
import { applyConflict, type Conflict, conflictsOutside, conflictsWith } from './conflicts.ts';
import { difference, EMPTY_FIELD_SET, type FieldSet, intersection, isEmptySet, union } from './field-set.ts';
import { hasLastApplied, lastAppliedFields, withLastApplied } from './last-applied.ts';
import { decodeManagers, encodeManagers, type Manager, type Managers, managerKey, mapManagers } from './managers.ts';
import { mergeTyped } from './merge.ts';
import { removeItems, withNamedFields } from './remove-items.ts';
import { stripMeta, withManagedFields, withoutManagedFields } from './strip-meta.ts';
import { toFieldSet } from './to-field-set.ts';
import { TypedValueError, type TypeRef } from './typed-value.ts';
import { ownable, recordUpdate, rootType, type Write } from './update-managed-fields.ts';

/** A server-side apply. */
export interface ApplyRequest<T extends KubernetesObject> extends Write {
  /** What is stored; undefined creates. */
  readonly live: T | undefined;
  /** What the client sent, decoded. */
  readonly config: T;
  readonly force: boolean;
}

/** The new object with managed fields, not yet defaulted; or what the client gets. */
export type ApplyOutcome<T> =
  | { readonly ok: true; readonly object: T }
  | { readonly ok: false; readonly error: StatusError; readonly conflicts: readonly Conflict[] };

interface Applied {
  readonly object: unknown;
  readonly managers: Managers;
}

function unionOf(managers: Managers): FieldSet {
  return [...managers.values()].reduce((all, manager) => union(all, manager.fields), EMPTY_FIELD_SET);
}

/** Takes out what the applier owned, doesn't set any more, and nobody else owns. */
function prune(merged: unknown, managers: Managers, lastFields: FieldSet, type: TypeRef): unknown {
  if (isEmptySet(lastFields)) return merged;
  const last = withNamedFields(lastFields, type);
  const named = (value: unknown) => withNamedFields(toFieldSet(value ?? {}, type), type);
  const all = named(merged);
  const bare = removeItems(merged, last, type);
  const keep = union(named(bare), withNamedFields(unionOf(managers), type));
  const owned = removeItems(merged, difference(all, keep), type);
  return removeItems(merged, intersection(difference(all, named(owned)), last), type);
}

/** The other managers after the apply, and where they disagree with it. */
function yieldFields(before: unknown, after: unknown, managers: Managers, request: ApplyRequest<KubernetesObject>) {
  const own = managerKey(applier(request, EMPTY_FIELD_SET));
  const { added, removed, modified } = compareTyped(before, after, rootType(request));
  const changed = ownable(union(added, modified), request);
  const gone = ownable(removed, request);
  const conflicts = [...managers].flatMap(([key, manager]) =>
    key === own ? [] : conflictsWith(manager, intersection(manager.fields, changed)),
  );
  const lost = union(changed, gone);
  const yielded = mapManagers(managers, (manager) =>
    managerKey(manager) === own ? manager.fields : difference(manager.fields, lost),
  );
  return { conflicts, managers: yielded };
}

function applier(write: Write, fields: FieldSet, time?: string): Manager {
  const { manager: name, apiVersion, subresource } = write;
  return { name, operation: 'Apply', apiVersion, subresource, time, fields };
}

/** Fields of an object that was never applied to belong to one who updated it before. */
function initialManagers(live: KubernetesObject | undefined, request: Write): Managers {
  const managers = decodeManagers(live?.metadata?.managedFields) ?? new Map();
  if (managers.size > 0 || live === undefined) return managers;
  return recordUpdate({}, withoutManagedFields(live), managers, { ...request, manager: 'before-first-apply' });
}

function applyConfig<T extends KubernetesObject>(
  request: ApplyRequest<T>,
  force: boolean,
): Applied | readonly Conflict[] {
  const type = rootType(request);
  const live = request.live === undefined ? {} : withoutManagedFields(request.live);
  const managers = initialManagers(request.live, request);
  const mine = applier(request, ownable(toFieldSet(request.config, type), request), request.time);
  const key = managerKey(mine);
  const previous = managers.get(key);
  const claimed = new Map(managers).set(key, mine);
  const merged = mergeTyped(live, request.config, type);
  const pruned = prune(merged, claimed, previous?.fields ?? EMPTY_FIELD_SET, type);
  // A struct that lost all its fields went with them; the configuration may still name it.
  const object = mergeTyped(pruned ?? {}, request.config, type);
  const outcome = yieldFields(live, object, claimed, request);
  if (!force && outcome.conflicts.length > 0) return outcome.conflicts;
  // An apply that changes nothing keeps its time, so that it isn't a write at all.
  const time = deepEqual(live, object) ? previous?.time : request.time;
  const kept = mapManagers(outcome.managers, (m) => (managerKey(m) === key ? stripMeta(m.fields) : m.fields));
  const self = kept.get(key);
  return { object, managers: self === undefined ? kept : new Map(kept).set(key, { ...self, time }) };
}

/** Conflicts that `kubectl` may ignore: fields that its own client-side apply set before. */
function migrate<T extends KubernetesObject>(request: ApplyRequest<T>, conflicts: readonly Conflict[]) {
  const allowed = request.manager === 'kubectl' ? lastAppliedFields(request.live, request) : undefined;
  if (allowed === undefined) return conflicts;
  const rest = conflictsOutside(conflicts, allowed);
  return rest.length > 0 ? rest : applyConfig(request, true);
}

function finish<T extends KubernetesObject>(request: ApplyRequest<T>, applied: Applied): T {
  const object = withManagedFields(applied.object as T, encodeManagers(applied.managers));
  const follows = request.manager === 'kubectl' && hasLastApplied(object);
  return follows ? withLastApplied(object, request.config) : object;
}

/** 400 for a configuration that isn't of its type; upstream's sentence. */
function untypedPatch({ apiVersion = '', kind, metadata }: KubernetesObject, why: string): StatusError {
  const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
  const which = `${metadata?.namespace ?? ''}/${metadata?.name ?? ''}; ${group}/${version}, Kind=${kind}`;
  return badRequest(`failed to create typed patch object (${which}): ${why}`);
}

function isConflicts(result: Applied | readonly Conflict[]): result is readonly Conflict[] {
  return Array.isArray(result);
}

/**
 * Server-side apply: lays the configuration over the live object, takes out what its manager gave up, and keeps the
 * books of who owns what. Without `force`, fields that others own with other values are conflicts (409).
 */
export function applyPatch<T extends KubernetesObject>(request: ApplyRequest<T>): ApplyOutcome<T> {
  if (request.config.metadata?.managedFields !== undefined) {
    return { ok: false, error: badRequest('metadata.managedFields must be nil'), conflicts: [] };
  }
  try {
    const first = applyConfig(request, request.force);
    const result = isConflicts(first) ? migrate(request, first) : first;
    if (isConflicts(result)) return { ok: false, error: applyConflict(result), conflicts: result };
    return { ok: true, object: finish(request, result) };
  } catch (error) {
    if (!(error instanceof TypedValueError)) throw error;
    return { ok: false, error: untypedPatch(request.config, error.message), conflicts: [] };
  }
}
