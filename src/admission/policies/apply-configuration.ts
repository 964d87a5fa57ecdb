import type { KindDefinition } from '../../kinds/definition.ts';
import { findSchema } from '../../kinds/schema.ts';
import { mergeTyped } from '../../machinery/apply/merge.ts';
import {
  fieldType,
  isDeclared,
  isFields,
  itemType,
  shapeOf,
  TypedValueError,
  type TypeRef,
} from '../../machinery/apply/typed-value.ts';
import { apiVersionOf, type KubernetesObject } from '../../machinery/object.ts';

/** The patched object, or what is wrong with the patch. */
export type Mutated = { readonly ok: true; readonly object: object } | { readonly ok: false; readonly message: string };

/** Whoever sets something in an atomic part would take the rest of it away. */
function atomics(value: unknown, type: TypeRef, path: string): readonly string[] {
  if (type.schema === undefined || typeof value !== 'object' || value === null) return [];
  const own = shapeOf(value, type) === 'leaf' ? [path] : [];
  if (Array.isArray(value)) {
    return [...own, ...value.flatMap((item, at) => atomics(item, itemType(type), `${path}[${at}]`))];
  }
  if (!isFields(value)) return own;
  const members = Object.entries(value).filter(([name]) => isDeclared(type, name));
  return [...own, ...members.flatMap(([name, member]) => atomics(member, fieldType(type, name), `${path}.${name}`))];
}

function failed(message: string): Mutated {
  return { ok: false, message };
}

/** Lays an apply configuration over an object, as server-side apply does, without its books. */
export function applyConfiguration(kind: KindDefinition, live: KubernetesObject, fields: object): Mutated {
  const source = kind.custom?.source ?? { lookup: findSchema };
  const type = { schema: source.lookup(kind.schema), source };
  const config = { ...fields, apiVersion: apiVersionOf(kind), kind: kind.kind };
  const found = atomics(config, type, '');
  if (found.length > 0) {
    const why = `may not mutate atomic arrays, maps or structs: ${found.join(', ')}`;
    return failed(`error applying patch: invalid ApplyConfiguration: ${why}`);
  }
  try {
    return { ok: true, object: mergeTyped(live, config, type) as object };
  } catch (error) {
    if (!(error instanceof TypedValueError)) throw error;
    return failed(`error applying patch: failed to convert patch object to typed object: ${error.message}`);
  }
}
