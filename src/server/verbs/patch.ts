import { badRequest, unsupportedMediaType } from '../../machinery/status-error.ts';
import type { PatchRequest } from '../../registry/registry.ts';
import type { Answer, Call } from '../call.ts';
import { mediaTypeOf, parseJson, parseYamlPatch } from '../decode-body.ts';
import { parsePatchOptions } from '../options.ts';
import { answerObject } from '../representation.ts';
import type { Services, Target } from '../services.ts';
import { managerOf, writerOf } from './selection.ts';

const TYPES: readonly PatchRequest['type'][] = [
  'application/json-patch+json',
  'application/merge-patch+json',
  'application/strategic-merge-patch+json',
  'application/apply-patch+yaml',
];

/** PATCH of an object, or of a subresource that has the parent's own type. */
export async function handlePatch({ registry }: Services, target: Target, call: Call): Promise<Answer> {
  const { kind, key, subresource } = target;
  const type = patchTypeOf(call.headers['content-type']);
  const { force, ...options } = parsePatchOptions(call.query, type === 'application/apply-patch+yaml');
  const patch = { type, body: await parsePatch(type, call.body), force };
  const outcome = await registry.patch(kind, key, patch, {
    ...options,
    ...writerOf(call.user),
    fieldManager: managerOf(options.fieldManager, call.headers['user-agent']),
    ...(subresource === '' ? {} : { subresource }),
  });
  return answerObject(call, kind, outcome.entry, { status: outcome.created ? 201 : 200, warnings: outcome.warnings });
}

/** The patch's type. Throws 415 for any other media type. */
export function patchTypeOf(contentType: string | undefined): PatchRequest['type'] {
  const type = contentType === undefined ? '' : mediaTypeOf(contentType);
  const known = TYPES.find((candidate) => candidate === type);
  if (known !== undefined) return known;
  const accepted = TYPES.join(', ');
  throw unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
  );
}

/** Parses a patch's body and checks its outermost shape. Throws 400. */
export async function parsePatch(type: PatchRequest['type'], body: Uint8Array): Promise<unknown> {
  const parsed = type === 'application/apply-patch+yaml' ? await parseYamlPatch(body) : parseJson(body);
  const isList = type === 'application/json-patch+json';
  if (isList ? Array.isArray(parsed) : typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
    return parsed;
  }
  const found = Array.isArray(parsed) ? 'array' : typeof parsed;
  const wanted = isList ? '[]handlers.jsonPatchOp' : 'map[string]interface {}';
  throw badRequest(`error decoding patch: json: cannot unmarshal ${found} into Go value of type ${wanted}`);
}
