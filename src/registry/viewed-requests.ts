import { storedField, toStored, type ViewKind } from '../kinds/view.ts';
import { badRequest } from '../machinery/status-error.ts';
import type { PatchRequest, Selection } from './registry.ts';

const METADATA = /^metadata\.(?:name|namespace)$/;

/** The stored path of a field: its first step may have another name. */
function storedPath(kind: ViewKind, path: string, separator: '.' | '/'): string {
  const [first = '', ...rest] = path.split(separator);
  return [storedField(kind, first), ...rest].join(separator);
}

/** A selection of the view as one of what is stored. Throws 400 for a field that the view can't be selected by. */
export function storedSelection<S extends Selection>(kind: ViewKind, selection: S): S {
  if (!selection.fieldSelector) return selection;
  const fieldSelector = selection.fieldSelector.replace(/(^|(?<!\\),)([^=!,\\]+)(?=!?=)/g, (_, before, field) => {
    if (!METADATA.test(field) && !Object.hasOwn(kind.selectableFields, field)) {
      throw badRequest(`field label not supported: ${field}`);
    }
    return `${before}${storedPath(kind, field, '.')}`;
  });
  return { ...selection, fieldSelector };
}

function storedPointer(kind: ViewKind, pointer: unknown): unknown {
  return typeof pointer === 'string' ? `/${storedPath(kind, pointer.slice(1), '/')}` : pointer;
}

function storedOperation(kind: ViewKind, operation: unknown): unknown {
  if (typeof operation !== 'object' || operation === null) return operation;
  const { path, from } = operation as { readonly path?: unknown; readonly from?: unknown };
  const source = from === undefined ? {} : { from: storedPointer(kind, from) };
  return { ...operation, path: storedPointer(kind, path), ...source };
}

/** A patch of the view as one of what is stored; where more than names differs, it is for the view still. */
export function storedPatch(kind: ViewKind, patch: PatchRequest): PatchRequest {
  if (kind.view.convert !== undefined) return { ...patch, through: kind };
  const { body } = patch;
  if (Array.isArray(body)) return { ...patch, body: body.map((operation) => storedOperation(kind, operation)) };
  return typeof body === 'object' && body !== null ? { ...patch, body: toStored(kind, body) } : patch;
}
