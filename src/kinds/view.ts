import { apiVersionOf, type KubernetesObject } from '../machinery/object.ts';
import type { KindDefinition, KindView } from './definition.ts';

/** A kind that is a view. */
export type ViewKind = KindDefinition & { readonly view: KindView };

/** Whether a kind is another way to see a stored one. */
export function isView(kind: KindDefinition): kind is ViewKind {
  return kind.view !== undefined;
}

/** Whether a kind's objects are stored under its own resource; a view may be another version of the same one. */
export function hasOwnStorage({ group, plural, view }: KindDefinition): boolean {
  return view === undefined || (view.of.group === group && view.of.plural === plural);
}

function renameFields(object: object, nameOf: (field: string) => string): object {
  return Object.fromEntries(Object.entries(object).map(([field, value]) => [nameOf(field), value]));
}

/** The stored kind's name of a top-level field of the view. */
export function storedField({ view }: ViewKind, field: string): string {
  return Object.hasOwn(view.renames, field) ? (view.renames[field] ?? field) : field;
}

/**
 * An object of the view in its stored form; a patch in the form of an object, too. The fields' values are shared, and
 * `apiVersion` changes only where there is one.
 */
export function toStored<T extends object>(kind: ViewKind, object: T): T {
  const { convert } = kind.view;
  const renamed = convert?.toStored(object) ?? renameFields(object, (field) => storedField(kind, field));
  return ('apiVersion' in object ? { ...renamed, apiVersion: apiVersionOf(kind.view.of) } : renamed) as T;
}

/** A stored object as the view shows it. */
export function toViewed(kind: ViewKind, object: KubernetesObject): KubernetesObject {
  const names = new Map(Object.entries(kind.view.renames).map(([shown, stored]) => [stored, shown]));
  const { apiVersion: _, ...rest } = kind.view.convert?.toViewed(object) ?? object;
  return { apiVersion: apiVersionOf(kind), ...renameFields(rest, (field) => names.get(field) ?? field) };
}
