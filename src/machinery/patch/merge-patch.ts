import { define } from '../deep.ts';
import { badPatch, type Fields, isFields, type Patched, patched } from './patched.ts';

function mergeValue(target: unknown, patch: unknown): unknown {
  return isFields(patch) ? mergeFields(isFields(target) ? target : {}, patch) : patch;
}

function mergeFields(target: Fields, patch: Fields): Fields {
  const result: Record<string, unknown> = { ...target };
  for (const name of Object.keys(patch)) {
    if (patch[name] === null) delete result[name];
    else define(result, name, mergeValue(Object.hasOwn(target, name) ? target[name] : undefined, patch[name]));
  }
  return result;
}

/** JSON merge patch (RFC 7396): null removes, objects merge, everything else replaces. */
export function applyMergePatch(original: unknown, patch: unknown): Patched {
  return isFields(patch)
    ? patched(mergeFields(isFields(original) ? original : {}, patch))
    : badPatch('Invalid JSON Patch');
}
