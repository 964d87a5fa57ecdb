import type { KindDefinition } from '../kinds/definition.ts';
import { deepEqual } from '../machinery/deep.ts';
import type { FieldError } from '../machinery/field-error.ts';
import { FIELD_IS_IMMUTABLE, forbiddenField, invalidValue, required, tooLong } from '../machinery/field-path.ts';
import { checkName, isDns1123Label, isQualifiedName, validateLabels } from '../machinery/names.ts';
import type { ObjectMeta, OwnerReference } from '../machinery/object.ts';

const MAX_ANNOTATIONS_BYTES = 256 * 1024;
const STANDARD_FINALIZERS: readonly string[] = ['orphan', 'foregroundDeletion', 'kubernetes'];
const IMMUTABLE = ['name', 'namespace', 'uid', 'creationTimestamp', 'deletionTimestamp', 'deletionGracePeriodSeconds'];

function validateName(kind: KindDefinition, { name, generateName }: ObjectMeta): readonly FieldError[] {
  const prefix = generateName
    ? checkName(kind.nameRule, generateName, true).map((m) => invalidValue('metadata.generateName', generateName, m))
    : [];
  if (!name) return [...prefix, required('metadata.name', 'name or generateName is required')];
  return [...prefix, ...checkName(kind.nameRule, name).map((m) => invalidValue('metadata.name', name, m))];
}

function validateNamespace(kind: KindDefinition, { namespace }: ObjectMeta): readonly FieldError[] {
  if (!kind.namespaced) return namespace ? [forbiddenField('metadata.namespace', 'not allowed on this type')] : [];
  if (!namespace) return [required('metadata.namespace', '')];
  return isDns1123Label(namespace).map((message) => invalidValue('metadata.namespace', namespace, message));
}

function validateAnnotations(annotations: ObjectMeta['annotations']): readonly FieldError[] {
  const entries = Object.entries(annotations ?? {});
  const keys = entries.flatMap(([key]) =>
    isQualifiedName(key.toLowerCase()).map((message) => invalidValue('metadata.annotations', key, message)),
  );
  const bytes = entries.reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0);
  return bytes > MAX_ANNOTATIONS_BYTES ? [...keys, tooLong('metadata.annotations', MAX_ANNOTATIONS_BYTES)] : keys;
}

function validateOwner(owner: OwnerReference): readonly FieldError[] {
  const path = 'metadata.ownerReferences';
  const version = owner.apiVersion.slice(owner.apiVersion.indexOf('/') + 1);
  const errors =
    version === '' ? [invalidValue(`${path}.apiVersion`, owner.apiVersion, 'version must not be empty')] : [];
  for (const field of ['kind', 'name', 'uid'] as const) {
    if (!owner[field]) errors.push(invalidValue(`${path}.${field}`, owner[field] ?? '', 'must not be empty'));
  }
  return errors;
}

function validateOwners(owners: readonly OwnerReference[]): readonly FieldError[] {
  const [first, second] = owners.filter((owner) => owner.controller === true);
  const errors = owners.flatMap((owner) => validateOwner({ ...owner, apiVersion: owner.apiVersion ?? '' }));
  if (first === undefined || second === undefined) return errors;
  const text = `Only one reference can have Controller set to true. Found "true" in references for ${first.name} and ${second.name}`;
  return [...errors, invalidValue('metadata.ownerReferences', owners, text)];
}

function validateFinalizer(finalizer: string, free: boolean): readonly FieldError[] {
  const path = 'metadata.finalizers';
  const errors = isQualifiedName(finalizer).map((message) => invalidValue(path, finalizer, message));
  if (free || finalizer.includes('/') || STANDARD_FINALIZERS.includes(finalizer) || errors.length > 0) return errors;
  return [invalidValue(path, finalizer, 'name is neither a standard finalizer name nor is it fully qualified')];
}

function validateFinalizers(finalizers: readonly string[], free: boolean): readonly FieldError[] {
  const errors = finalizers.flatMap((finalizer) => validateFinalizer(finalizer, free));
  if (!finalizers.includes('orphan') || !finalizers.includes('foregroundDeletion')) return errors;
  const text = 'finalizer orphan and foregroundDeletion cannot be both set';
  return [...errors, invalidValue('metadata.finalizers', finalizers, text)];
}

/** `ValidateObjectMeta`. */
export function validateMetadata(kind: KindDefinition, metadata: ObjectMeta): readonly FieldError[] {
  return [
    ...validateName(kind, metadata),
    ...validateNamespace(kind, metadata),
    ...validateLabels(metadata.labels, 'metadata.labels'),
    ...validateAnnotations(metadata.annotations),
    ...validateOwners(metadata.ownerReferences ?? []),
    ...validateFinalizers(metadata.finalizers ?? [], kind.freeFinalizers ?? false),
  ];
}

function validateImmutable(metadata: ObjectMeta, old: ObjectMeta): readonly FieldError[] {
  const [after, before] = [metadata as Record<string, unknown>, old as Record<string, unknown>];
  return IMMUTABLE.filter((field) => !deepEqual(after[field], before[field])).map((field) =>
    invalidValue(`metadata.${field}`, after[field], FIELD_IS_IMMUTABLE),
  );
}

function validateNoNewFinalizers(metadata: ObjectMeta, old: ObjectMeta): readonly FieldError[] {
  if (old.deletionTimestamp === undefined) return [];
  const added = (metadata.finalizers ?? []).filter((finalizer) => !old.finalizers?.includes(finalizer));
  if (added.length === 0) return [];
  const list = added.map((finalizer) => JSON.stringify(finalizer)).join(', ');
  const text = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`;
  return [forbiddenField('metadata.finalizers', text)];
}

/** `ValidateObjectMetaUpdate`, with `ValidateObjectMeta` for what may have changed. */
export function validateMetadataUpdate(
  kind: KindDefinition,
  metadata: ObjectMeta,
  old: ObjectMeta,
): readonly FieldError[] {
  return [
    ...validateMetadata(kind, metadata),
    ...validateImmutable(metadata, old),
    ...validateNoNewFinalizers(metadata, old),
  ];
}
