import { goQuote } from '../../machinery/go-format.ts';
import type { Duplicates } from '../../machinery/schema/strict-errors.ts';
import { badRequest, unsupportedMediaType } from '../../machinery/status-error.ts';
import type { PatchRequest, WriteOptions } from '../../registry/registry.ts';
import type { Answer, Call } from '../call.ts';
import { mediaTypeOf, parseJsonPatch, parseYamlPatch } from '../decode-body.ts';
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
  const { body, duplicates } = await parsePatch(type, call.body);
  const patch = { type, body, force };
  const outcome = await registry.patch(kind, key, patch, {
    ...options,
    duplicates: duplicatesOf(type, duplicates, options.fieldValidation),
    ...writerOf(call.user),
    fieldManager: managerOf(options.fieldManager, call.headers['user-agent']),
    ...(subresource === '' ? {} : { subresource }),
  });
  return answerObject(call, kind, outcome.entry, {
    status: outcome.created ? 201 : 200,
    warnings: outcome.warnings,
  });
}

/** Twice-written keys as the registry takes them. Throws 400 where an applied object may have none. */
function duplicatesOf(
  type: PatchRequest['type'],
  { paths, lines }: Duplicates,
  validation: WriteOptions['fieldValidation'],
): Duplicates {
  if (type === 'application/json-patch+json') {
    return { paths: [], lines, sentences: paths.map((path) => `json patch duplicate field ${goQuote(path)}`) };
  }
  if (type !== 'application/apply-patch+yaml' || validation !== 'Strict' || lines.length === 0) return { paths, lines };
  const complaint = `yaml: unmarshal errors:\n  ${lines.join('\n  ')}`;
  throw badRequest(`error strict decoding YAML: error converting YAML to JSON: ${complaint}`);
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
export async function parsePatch(
  type: PatchRequest['type'],
  bytes: Uint8Array,
): Promise<{ readonly body: unknown; readonly duplicates: Duplicates }> {
  const { value: body, duplicates } =
    type === 'application/apply-patch+yaml' ? await parseYamlPatch(bytes) : parseJsonPatch(bytes);
  const isList = type === 'application/json-patch+json';
  if (isList ? Array.isArray(body) : typeof body === 'object' && body !== null && !Array.isArray(body)) {
    return { body, duplicates };
  }
  const found = Array.isArray(body) ? 'array' : typeof body;
  const wanted = isList ? '[]handlers.jsonPatchOp' : 'map[string]interface {}';
  throw badRequest(`error decoding patch: json: cannot unmarshal ${found} into Go value of type ${wanted}`);
}
