import type { KindDefinition } from '../kinds/definition.ts';
import { semanticEqual } from '../machinery/deep.ts';
import type { KubernetesObject, ObjectMeta } from '../machinery/object.ts';

/** What the house says about a new object. */
export interface Birth {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly now: string;
}

/** Drops fields that are undefined, so that an object equals its serialized form. */
function compact(metadata: ObjectMeta): ObjectMeta {
  return Object.fromEntries(Object.entries(metadata).filter(([, value]) => value !== undefined)) as ObjectMeta;
}

/** Metadata of a new object: system fields are ours, whatever the client sent. */
export function metadataForCreate(kind: KindDefinition, given: ObjectMeta, birth: Birth): ObjectMeta {
  const { name: _, namespace: __, generateName, ...rest } = given;
  return compact({
    name: birth.name === '' ? undefined : birth.name,
    generateName: generateName === '' ? undefined : generateName,
    namespace: birth.namespace === '' ? undefined : birth.namespace,
    ...rest,
    uid: birth.uid,
    resourceVersion: undefined,
    generation: kind.tracksGeneration ? 1 : rest.generation || undefined,
    creationTimestamp: birth.now,
    deletionTimestamp: undefined,
    deletionGracePeriodSeconds: undefined,
    selfLink: undefined,
  });
}

/** Metadata of a new version: what only the system sets is carried over, and fields left empty are filled in. */
export function metadataForUpdate(given: ObjectMeta, old: ObjectMeta): ObjectMeta {
  return compact({
    ...given,
    name: given.name || old.name,
    generateName: given.generateName || old.generateName,
    namespace: given.namespace || old.namespace,
    uid: given.uid || old.uid,
    resourceVersion: old.resourceVersion,
    generation: old.generation,
    creationTimestamp: given.creationTimestamp ?? old.creationTimestamp,
    managedFields: given.managedFields ?? old.managedFields,
    deletionTimestamp: given.deletionTimestamp ?? old.deletionTimestamp,
    deletionGracePeriodSeconds: given.deletionGracePeriodSeconds ?? old.deletionGracePeriodSeconds,
    selfLink: undefined,
  });
}

/** Everything but metadata; and but the status where it is written through its own subresource. */
function desiredState(kind: KindDefinition, object: KubernetesObject): object {
  const { apiVersion: _, kind: __, metadata: ___, ...rest } = object;
  if (kind.custom && !kind.subresources.some(({ name }) => name === 'status')) return rest;
  const { status: ____, ...desired } = rest as { readonly status?: unknown };
  return desired;
}

/** The new version with `metadata.generation` one higher when anything but metadata and status has changed. */
export function withGeneration(
  kind: KindDefinition,
  object: KubernetesObject,
  old: KubernetesObject,
): KubernetesObject {
  if (!kind.tracksGeneration || semanticEqual(desiredState(kind, object), desiredState(kind, old))) return object;
  return { ...object, metadata: { ...object.metadata, generation: (old.metadata?.generation ?? 0) + 1 } };
}
