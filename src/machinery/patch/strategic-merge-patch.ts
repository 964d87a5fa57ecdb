import { define } from '../deep.ts';
import type { SchemaSource } from '../schema/schema.ts';
import { badRequest } from '../status-error.ts';
import {
  badPatchType,
  DELETE_PREFIX,
  DIRECTIVE,
  noMergeKey,
  PatchFormatError,
  plainValue,
  RETAIN_KEYS,
  retainKeys,
  SET_ORDER_PREFIX,
} from './directives.ts';
import { checkOrder, identityOf, orderElements } from './element-order.ts';
import { descend, descendItems, type PatchSchema, patchMeta } from './patch-meta.ts';
import { badPatch, type Fields, isFields, type Patched, patched, unprocessable } from './patched.ts';

function assertList(value: unknown, message: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new PatchFormatError(message);
  return value;
}

function holdsObjects(...lists: readonly (readonly unknown[])[]): boolean {
  const items = lists.flat().filter((item) => item !== null);
  if (items.some(Array.isArray)) throw new PatchFormatError('lists of lists are not supported', 422);
  const objects = items.filter(isFields).length;
  if (objects > 0 && objects < items.length) {
    throw new PatchFormatError('list element types are not identical');
  }
  return objects > 0;
}

interface Split {
  readonly original: readonly unknown[];
  readonly patch: readonly Fields[];
}

/** Carries out `$patch` among the items: deletes from the original, or replaces it altogether. */
function applyItemDirectives(original: readonly unknown[], patch: readonly Fields[], mergeKey: string): Split {
  let kept = original;
  let replace = false;
  for (const item of patch) {
    const directive = item[DIRECTIVE];
    if (directive === undefined) continue;
    if (directive === 'replace') replace = true;
    else if (directive === 'merge') throw new PatchFormatError('merging lists cannot yet be specified in the patch');
    else if (directive !== 'delete') throw badPatchType(directive, item);
    else if (item[mergeKey] === undefined) throw noMergeKey(item, mergeKey);
    else kept = kept.filter((other) => identityOf(other, mergeKey) !== item[mergeKey]);
  }
  const plain = patch.filter((item) => item[DIRECTIVE] === undefined);
  return replace ? { original: plain, patch: [] } : { original: kept, patch: plain };
}

function mergeItems(original: readonly unknown[], patch: readonly Fields[], place: PatchSchema, mergeKey: string) {
  const result = [...original];
  for (const item of patch) {
    const identity = item[mergeKey];
    if (identity === undefined) throw noMergeKey(item, mergeKey);
    const position = result.findIndex((other) => identityOf(other, mergeKey) === identity);
    const before = result[position];
    if (isFields(before)) result[position] = mergeFields(before, item, place);
    else result.push(plainValue(item));
  }
  return result;
}

function mergeObjectLists(original: readonly unknown[], patch: readonly Fields[], place: PatchSchema) {
  const { mergeKey } = patchMeta(place);
  if (mergeKey === '') throw new PatchFormatError('cannot merge lists without merge key');
  const split = applyItemDirectives(original, patch, mergeKey);
  const merged = mergeItems(split.original, split.patch, descendItems(place), mergeKey);
  return orderElements(merged, { patchOrder: split.patch, serverOrder: split.original, mergeKey });
}

/** A list merged into another by the strategy of its place. */
function mergeLists(original: readonly unknown[], patch: readonly unknown[], place: PatchSchema): readonly unknown[] {
  if (patchMeta(place).strategy !== 'merge') return patch;
  if (holdsObjects(original, patch)) return mergeObjectLists(original, patch.filter(isFields), place);
  const merged = [...new Set([...original, ...patch])];
  return orderElements(merged, { patchOrder: patch, serverOrder: original, mergeKey: '' });
}

function mergeValue(original: unknown, patch: unknown, place: PatchSchema): unknown {
  if (isFields(original) && isFields(patch)) {
    return patchMeta(place).strategy === 'replace' ? patch : mergeFields(original, patch, place);
  }
  if (Array.isArray(original) && Array.isArray(patch)) return mergeLists(original, patch, place);
  return plainValue(patch);
}

function removeListed(target: Record<string, unknown>, patch: Fields): void {
  for (const name of Object.keys(patch).filter((n) => n.startsWith(DELETE_PREFIX))) {
    const list = assertList(patch[name], 'invalid patch format of primitive list');
    const field = name.slice(DELETE_PREFIX.length);
    const current = Object.hasOwn(target, field) ? target[field] : undefined;
    if (Array.isArray(current))
      define(
        target,
        field,
        current.filter((item) => !list.includes(item)),
      );
  }
}

/** The list with `$setElementOrder` applied; `merged` is undefined when neither side has it. */
function orderedList(original: unknown, patch: unknown, order: readonly unknown[], place: PatchSchema): unknown {
  const { mergeKey } = patchMeta(place);
  const before = original === undefined ? undefined : assertList(original, 'expected a list');
  const change = patch === undefined ? undefined : assertList(patch, 'expected a list');
  if (before === undefined && change === undefined) return undefined;
  const isPlain = (item: unknown) => !isFields(item) || item[DIRECTIVE] === undefined;
  checkOrder((change ?? []).filter(isPlain), order, mergeKey);
  const merged =
    before === undefined ? plainValue(change) : change === undefined ? before : mergeLists(before, change, place);
  return orderElements(merged as readonly unknown[], { patchOrder: order, serverOrder: before ?? [], mergeKey });
}

/** Carries out every `$setElementOrder`; returns the lists that are done with. */
function mergeOrderedLists(target: Record<string, unknown>, patch: Fields, place: PatchSchema): ReadonlySet<string> {
  const done = new Set<string>();
  for (const name of Object.keys(patch).filter((n) => n.startsWith(SET_ORDER_PREFIX))) {
    const order = assertList(patch[name], 'invalid patch format of setElementOrder list');
    const field = name.slice(SET_ORDER_PREFIX.length);
    if (patch[field] === null) continue;
    const current = Object.hasOwn(target, field) ? target[field] : undefined;
    const merged = orderedList(current ?? undefined, patch[field], order, descend(place, field));
    if (merged === undefined) continue;
    define(target, field, merged);
    done.add(field);
  }
  return done;
}

function isOrdinary(name: string): boolean {
  return name !== RETAIN_KEYS && !name.startsWith(SET_ORDER_PREFIX) && !name.startsWith(DELETE_PREFIX);
}

function replaceFields(patch: Fields): Fields {
  const directive = patch[DIRECTIVE];
  if (directive === 'delete') return {};
  if (directive !== 'replace') throw badPatchType(directive, patch);
  return Object.fromEntries(Object.entries(patch).filter(([name]) => name !== DIRECTIVE));
}

function mergeFields(original: Fields, patch: Fields, place: PatchSchema): Fields {
  if (Object.hasOwn(patch, DIRECTIVE)) return replaceFields(patch);
  const result: Record<string, unknown> = { ...retainKeys(original, patch) };
  const done = mergeOrderedLists(result, patch, place);
  removeListed(result, patch);
  for (const name of Object.keys(patch)) {
    if (done.has(name) || !isOrdinary(name)) continue;
    const before = Object.hasOwn(result, name) ? result[name] : undefined;
    const merged = patch[name] === null ? undefined : mergeValue(before, patch[name], descend(place, name));
    if (merged === undefined) delete result[name];
    else define(result, name, merged);
  }
  return result;
}

/**
 * Strategic merge patch: like a merge patch, but lists merge by the schema's merge keys and the patch may carry
 * `$patch`, `$retainKeys`, `$setElementOrder/…` and `$deleteFromPrimitiveList/…`. `schemaName` is the object's type.
 */
export function applyStrategicMergePatch(
  original: unknown,
  patch: unknown,
  schema: { readonly name: string; readonly source: SchemaSource },
): Patched {
  if (!isFields(patch)) return badPatch('invalid JSON document');
  try {
    const place = { schema: schema.source.lookup(schema.name), source: schema.source };
    return patched(mergeFields(isFields(original) ? original : {}, patch, place));
  } catch (error) {
    if (!(error instanceof PatchFormatError)) throw error;
    return { ok: false, error: error.code === 422 ? unprocessable() : badRequest(error.message) };
  }
}
