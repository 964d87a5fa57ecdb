import { deepEqual } from '../deep.ts';
import type { KubernetesObject, ManagedFieldsEntry } from '../object.ts';
import type { SchemaSource } from '../schema/schema.ts';
import { compareTyped } from './compare.ts';
import { difference, EMPTY_FIELD_SET, type FieldSet, isEmptySet, recursiveDifference, union } from './field-set.ts';
import {
  capUpdaters,
  decodeManagers,
  encodeManagers,
  type Manager,
  type Managers,
  managerKey,
  mapManagers,
} from './managers.ts';
import { stripMeta, withManagedFields, withoutManagedFields } from './strip-meta.ts';
import { TypedValueError, type TypeRef } from './typed-value.ts';

/** Who writes what, for the bookkeeping of managed fields. */
export interface Write {
  /** `fieldManager`, or the user agent's first word. */
  readonly manager: string;
  readonly apiVersion: string;
  readonly subresource?: string;
  /** RFC 3339, whole seconds. */
  readonly time: string;
  /** The object's type in the schema. */
  readonly schema: { readonly name: string; readonly source: SchemaSource };
  /** What this endpoint resets and so nobody gets to own through it: `f:status` on the main resource. */
  readonly resetFields?: FieldSet;
}

/** Options of `updateManagedFields`. */
export interface ManagedFieldsUpdate<T extends KubernetesObject> extends Write {
  /** What is stored; undefined on create. */
  readonly live: T | undefined;
  /** What will be stored, defaults filled in. Its own managedFields count, as upstream (`[]` or `[{}]` resets). */
  readonly object: T;
}

/** The root of the object's type. */
export function rootType({ schema }: Write): TypeRef {
  return { schema: schema.source.lookup(schema.name), source: schema.source };
}

/** Fields minus those that the endpoint resets. */
export function ownable(fields: FieldSet, write: Write): FieldSet {
  return recursiveDifference(fields, write.resetFields ?? EMPTY_FIELD_SET);
}

function isReset(entries: readonly ManagedFieldsEntry[] | undefined): boolean {
  if (entries === undefined) return false;
  return entries.length === 0 || (entries.length === 1 && Object.keys(entries[0] ?? {}).length === 0);
}

function startingManagers(live: KubernetesObject | undefined, object: KubernetesObject, write: Write): Managers {
  const sent = object.metadata?.managedFields;
  const stored = decodeManagers(live?.metadata?.managedFields) ?? new Map();
  if (write.subresource) return stored;
  if (isReset(sent)) return new Map();
  const own = decodeManagers(sent);
  return own === undefined || own.size === 0 ? stored : own;
}

/** The managers after an update by one of them: it takes over what changed, everybody loses what is gone. */
export function recordUpdate(before: unknown, after: unknown, managers: Managers, write: Write): Managers {
  const { added, removed, modified } = compareTyped(before, after, rootType(write));
  const taken = ownable(union(added, modified), write);
  const lost = union(taken, ownable(removed, write));
  const others = mapManagers(managers, (manager) => difference(manager.fields, lost));
  const mine = stripMeta(taken);
  if (isEmptySet(mine)) return others;
  const self: Manager = {
    name: write.manager,
    operation: 'Update',
    apiVersion: write.apiVersion,
    subresource: write.subresource,
    time: write.time,
    fields: mine,
  };
  const key = managerKey(self);
  const previous = others.get(key)?.fields ?? EMPTY_FIELD_SET;
  return capUpdaters(new Map(others).set(key, { ...self, fields: union(mine, previous) }));
}

/**
 * The object with its `managedFields` brought up to date after a create, an update or a patch that is no apply.
 * An object that exists without managed fields stays without, as upstream.
 */
export function updateManagedFields<T extends KubernetesObject>(update: ManagedFieldsUpdate<T>): T {
  const { live, object } = update;
  const managers = startingManagers(live, object, update);
  if (managers.size === 0 && live !== undefined) return withManagedFields(object, undefined);
  const before = live === undefined ? {} : withoutManagedFields(live);
  try {
    const after = recordUpdate(before, withoutManagedFields(object), managers, update);
    return withManagedFields(object, encodeManagers(after));
  } catch (error) {
    if (!(error instanceof TypedValueError)) throw error;
    return withManagedFields(object, live?.metadata?.managedFields);
  }
}

/** Whether two objects are the same but for the times of their managed fields: such a write changes nothing. */
export function isSameButForTimes(a: KubernetesObject, b: KubernetesObject): boolean {
  const timeless = (object: KubernetesObject) =>
    object.metadata?.managedFields?.map(({ time, ...entry }) => entry) ?? [];
  return deepEqual(withoutManagedFields(a), withoutManagedFields(b)) && deepEqual(timeless(a), timeless(b));
}
