import { cloneJson } from '../deep.ts';
import { invalidValue } from '../field-path.ts';
import { badRequest, invalid, StatusError } from '../status-error.ts';

/** Outcome of a patch: the changed object (nothing of the input was touched), or what the client gets. */
export type Patched =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: StatusError };

/** An object with free fields. */
export type Fields = { readonly [name: string]: unknown };

/** Whether a value is an object (not a list, not null). */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** 400 with a sentence. */
export function badPatch(message: string): Patched {
  return { ok: false, error: badRequest(message) };
}

/** 422 as upstream answers a patch that cannot be applied; its sentence says no more. */
export function unprocessable(): StatusError {
  return new StatusError({
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message: 'the server rejected our request due to an error in our request',
    reason: 'Invalid',
    details: {},
    code: 422,
  });
}

/** 422 for a patch whose result doesn't decode: `patch: Invalid value: "{…}": json: cannot unmarshal …`. */
export function patchedObjectInvalid(patchText: string, message: string): StatusError {
  return invalid({ group: '', resource: '', name: '' }, [invalidValue('patch', patchText, message)]);
}

/** Keeps the input out of a result that may embed parts of it. */
export function patched(value: unknown): Patched {
  return { ok: true, value: cloneJson(value) };
}
