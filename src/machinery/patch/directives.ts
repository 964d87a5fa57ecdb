import { define } from '../deep.ts';
import { goJson } from '../go-format.ts';
import { type Fields, isFields } from './patched.ts';

/** `$patch`: replace or delete the object that it stands in. */
export const DIRECTIVE = '$patch';
/** `$retainKeys`: the fields that the object keeps. */
export const RETAIN_KEYS = '$retainKeys';
/** `$setElementOrder/<list>`: the order of the list's items. */
export const SET_ORDER_PREFIX = '$setElementOrder/';
/** `$deleteFromPrimitiveList/<list>`: values to take out of a list. */
export const DELETE_PREFIX = '$deleteFromPrimitiveList/';

/** A patch that cannot be applied; `applyStrategicMergePatch` turns it into a status. */
export class PatchFormatError extends Error {
  readonly code: 400 | 422;

  constructor(message: string, code: 400 | 422 = 400) {
    super(message);
    this.code = code;
  }
}

/** Refuses an unknown `$patch`. */
export function badPatchType(directive: unknown, fields: Fields): PatchFormatError {
  return new PatchFormatError(`unknown patch type: ${String(directive)} in map: ${goJson(fields)}`);
}

/** Refuses a list item without its merge key. */
export function noMergeKey(item: unknown, mergeKey: string): PatchFormatError {
  return new PatchFormatError(`map: ${goJson(item)} does not contain declared merge key: ${mergeKey}`);
}

/** The value without nulls and directives: what a patch adds where nothing was. Undefined: nothing to add. */
export function plainValue(value: unknown, dropNulls = true): unknown {
  if (Array.isArray(value)) return value.map((v) => plainValue(v, dropNulls)).filter((v) => v !== undefined);
  if (!isFields(value)) return value;
  if (Object.hasOwn(value, DIRECTIVE)) return undefined;
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    if (dropNulls && value[name] === null) continue;
    const plain = plainValue(value[name], dropNulls);
    if (plain !== undefined) define(result, name, plain);
  }
  return result;
}

function isListDirective(name: string): boolean {
  return name.startsWith(SET_ORDER_PREFIX) || name.startsWith(DELETE_PREFIX);
}

/** The original cut down to `$retainKeys`, which has to name every field that the patch sets. */
export function retainKeys(original: Fields, patch: Fields): Fields {
  if (!Object.hasOwn(patch, RETAIN_KEYS)) return original;
  const keys = patch[RETAIN_KEYS];
  if (!Array.isArray(keys)) throw new PatchFormatError('invalid patch format of retainKeys');
  const kept = new Set(keys);
  const isNamed = (name: string) =>
    name === RETAIN_KEYS || patch[name] === null || isListDirective(name) || kept.has(name);
  if (!Object.keys(patch).every(isNamed)) throw new PatchFormatError('invalid patch format of retainKeys');
  return Object.fromEntries(Object.entries(original).filter(([name]) => kept.has(name)));
}
