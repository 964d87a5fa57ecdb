import type { ManagedFieldsEntry } from '../object.ts';
import { type FieldSet, isEmptySet, union } from './field-set.ts';
import { decodeFields, encodeFields } from './fields-v1.ts';

/** Who owns fields: one entry of `managedFields`. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource?: string;
  readonly time?: string;
  readonly fields: FieldSet;
}

/** All owners, by identity. */
export type Managers = ReadonlyMap<string, Manager>;

/** More updaters than this are merged into one, the oldest first. */
const MAX_UPDATERS = 10;

/** What tells managers apart: an applier keeps its identity across versions. */
export function managerKey(manager: Omit<Manager, 'fields' | 'time'>): string {
  const { name, operation, apiVersion, subresource = '' } = manager;
  return JSON.stringify([name, operation, operation === 'Apply' ? '' : apiVersion, subresource]);
}

function decodeEntry(entry: ManagedFieldsEntry): Manager | undefined {
  const { manager = '', operation, apiVersion = '', fieldsType, fieldsV1, subresource, time } = entry;
  if ((operation !== 'Apply' && operation !== 'Update') || apiVersion === '' || fieldsType !== 'FieldsV1')
    return undefined;
  const fields = decodeFields(fieldsV1);
  if (!fields.ok) return undefined;
  return { name: manager, operation, apiVersion, fields: fields.value, subresource, time };
}

/** Reads `managedFields`; undefined when an entry is broken. */
export function decodeManagers(entries: readonly ManagedFieldsEntry[] | undefined): Managers | undefined {
  const managers = new Map<string, Manager>();
  for (const entry of entries ?? []) {
    const manager = decodeEntry(entry);
    if (manager === undefined) return undefined;
    managers.set(managerKey(manager), manager);
  }
  return managers;
}

function compareText(a = '', b = ''): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Upstream's order of entries: operation, time, name, version, subresource. */
function compareManagers(a: Manager, b: Manager): number {
  return (
    compareText(a.operation, b.operation) ||
    compareText(a.time, b.time) ||
    compareText(a.name, b.name) ||
    compareText(a.apiVersion, b.apiVersion) ||
    compareText(a.subresource, b.subresource)
  );
}

/** Managers as `metadata.managedFields`; undefined when there are none. */
export function encodeManagers(managers: Managers): readonly ManagedFieldsEntry[] | undefined {
  if (managers.size === 0) return undefined;
  return [...managers.values()].sort(compareManagers).map((manager) => ({
    manager: manager.name,
    operation: manager.operation,
    apiVersion: manager.apiVersion,
    ...(manager.time === undefined ? {} : { time: manager.time }),
    fieldsType: 'FieldsV1',
    fieldsV1: encodeFields(manager.fields),
    ...(manager.subresource ? { subresource: manager.subresource } : {}),
  }));
}

/** Each manager's fields changed by `change`; those left with nothing go. */
export function mapManagers(managers: Managers, change: (manager: Manager) => FieldSet): Managers {
  const result = new Map<string, Manager>();
  for (const [key, manager] of managers) {
    const fields = change(manager);
    if (!isEmptySet(fields)) result.set(key, { ...manager, fields });
  }
  return result;
}

/** With too many updaters, the oldest of a version become `ancient-changes`. */
export function capUpdaters(managers: Managers): Managers {
  const updaters = [...managers]
    .filter(([, m]) => m.operation === 'Update')
    .sort(([, a], [, b]) => compareManagers(a, b));
  const result = new Map(managers);
  const firstOfVersion = new Map<string, string>();
  let excess = updaters.length - MAX_UPDATERS;
  for (const [key, manager] of updaters) {
    if (excess <= 0) break;
    const bucket: Manager = {
      name: 'ancient-changes',
      operation: 'Update',
      apiVersion: manager.apiVersion,
      time: manager.time,
      fields: manager.fields,
    };
    const bucketKey = managerKey(bucket);
    const first = firstOfVersion.get(manager.apiVersion);
    if (first === undefined) {
      firstOfVersion.set(manager.apiVersion, key);
      continue;
    }
    const source = result.get(bucketKey) ?? result.get(first);
    if (!result.has(bucketKey)) result.delete(first);
    result.delete(key);
    result.set(bucketKey, {
      ...bucket,
      fields: source === undefined ? bucket.fields : union(bucket.fields, source.fields),
    });
    excess--;
  }
  return result;
}
