import type { StorageClass } from '../types.ts';

/** Annotations of the class that claims without one get. */
export const DEFAULT_CLASS_ANNOTATIONS = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
] as const;

/** The default class among these; of several the newest, then the first by name. */
export function defaultClassOf(classes: readonly StorageClass[]): StorageClass | undefined {
  const isDefault = (each: StorageClass) =>
    DEFAULT_CLASS_ANNOTATIONS.some((key) => each.metadata?.annotations?.[key] === 'true');
  const age = (each: StorageClass) => String(each.metadata?.creationTimestamp ?? '');
  const name = (each: StorageClass) => each.metadata?.name ?? '';
  return classes.filter(isDefault).toSorted((a, b) => age(b).localeCompare(age(a)) || (name(a) < name(b) ? -1 : 1))[0];
}
