import { applyPatch, type Operation, Pointer } from 'rfc6902';
import { cloneJson } from '../deep.ts';
import { requestEntityTooLarge } from '../status-error.ts';
import { badPatch, type Fields, isFields, type Patched, unprocessable } from './patched.ts';

const MAX_OPERATIONS = 10_000;
/** Characters of JSON that `copy` may add in all: repeated copies of copies double the object each time. */
const MAX_COPIED = 3 * 1024 * 1024;

function isOperation(value: unknown): value is Fields {
  return isFields(value) && typeof value['op'] === 'string' && typeof value['path'] === 'string';
}

function copiedSize(document: unknown, operation: Fields): number {
  if (operation['op'] !== 'copy' || typeof operation['from'] !== 'string') return 0;
  try {
    return JSON.stringify(Pointer.fromJSON(operation['from']).get(document))?.length ?? 0;
  } catch {
    return 0;
  }
}

/** rfc6902 reports some failures as values and throws at others (a malformed pointer). */
function applyOne(document: unknown, operation: Fields): boolean {
  try {
    return applyPatch(document, [operation as unknown as Operation])[0] === null;
  } catch {
    return false;
  }
}

function applyAll(original: unknown, operations: readonly Fields[]): Patched {
  const document = cloneJson(original);
  let copied = 0;
  for (const operation of operations) {
    copied += copiedSize(document, operation);
    if (copied > MAX_COPIED || !applyOne(document, operation)) return { ok: false, error: unprocessable() };
  }
  return { ok: true, value: document };
}

/** JSON patch (RFC 6902). A failed `test` or a missing path is a 422, a body that is no patch a 400. */
export function applyJsonPatch(original: unknown, patch: unknown): Patched {
  if (!Array.isArray(patch)) return badPatch('json: cannot unmarshal object into Go value of type jsonpatch.Patch');
  if (patch.length > MAX_OPERATIONS) {
    const message = `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`;
    return { ok: false, error: requestEntityTooLarge(message) };
  }
  const operations = patch.filter(isOperation);
  if (operations.length < patch.length) return { ok: false, error: unprocessable() };
  return applyAll(original, cloneJson(operations));
}
