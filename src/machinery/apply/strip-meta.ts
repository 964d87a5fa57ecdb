import type { KubernetesObject } from '../object.ts';
import { difference, type FieldSet, fieldSetOf } from './field-set.ts';

const SYSTEM_FIELDS = [
  'name',
  'namespace',
  'creationTimestamp',
  'selfLink',
  'uid',
  'clusterName',
  'generation',
  'managedFields',
  'resourceVersion',
];

const STRIPPED = fieldSetOf(
  ['f:apiVersion'],
  ['f:kind'],
  ['f:metadata'],
  ...SYSTEM_FIELDS.map((name) => ['f:metadata', `f:${name}`]),
);

/** A manager's fields without those that nobody owns: type, name and what the server sets. */
export function stripMeta(fields: FieldSet): FieldSet {
  return difference(fields, STRIPPED);
}

/** The object without `metadata.managedFields`. */
export function withoutManagedFields<T extends KubernetesObject>(object: T): T {
  if (object.metadata?.managedFields === undefined) return object;
  const { managedFields, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** The object with `metadata.managedFields`; undefined takes them out. */
export function withManagedFields<T extends KubernetesObject>(
  object: T,
  managedFields: NonNullable<KubernetesObject['metadata']>['managedFields'],
): T {
  const plain = withoutManagedFields(object);
  return managedFields === undefined ? plain : { ...plain, metadata: { ...plain.metadata, managedFields } };
}
