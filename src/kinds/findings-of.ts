// For tests only: nothing that ships imports it.

import type { KubernetesObject } from '../machinery/object.ts';
import type { KindDefinition } from './definition.ts';

const CONTEXT = { now: '2026-01-02T00:00:00Z' };

function prepared(kind: KindDefinition, object: object): KubernetesObject {
  return kind.applyDefaults(object as KubernetesObject);
}

/** `field: message` of everything that is wrong with an object as it would be created. */
export function findingsOf(kind: KindDefinition, object: object): readonly string[] {
  const created = kind.applyDefaults(kind.prepareForCreate(object as KubernetesObject, CONTEXT));
  return kind.validate(created).map(({ field, message }) => `${field}: ${message}`);
}

/** `field: message` of everything that is wrong with the step from one version to another. */
export function updateFindingsOf(kind: KindDefinition, object: object, old: object): readonly string[] {
  return kind
    .validateUpdate(prepared(kind, object), prepared(kind, old))
    .map(({ field, message }) => `${field}: ${message}`);
}

/** The cells of an object's row, by column. */
export function rowOf(kind: KindDefinition, object: object): { readonly [column: string]: unknown } {
  const now = 1_767_312_000_000;
  return Object.fromEntries(kind.columns.map(({ name, cell }) => [name, cell(object as KubernetesObject, now)]));
}
