import { parseJsonStrict } from '../machinery/schema/parse-json-strict.ts';
import { type Duplicates, NO_DUPLICATES } from '../machinery/schema/strict-errors.ts';
import { badRequest, unsupportedMediaType } from '../machinery/status-error.ts';
import { parseYamlStrict } from './decode-yaml.ts';

const ACCEPTED = 'application/json, application/yaml, application/vnd.kubernetes.protobuf';
const YAML = new Set(['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml']);

const PROTOBUF = 'application/vnd.kubernetes.protobuf';

/** Media type of a `Content-Type` header in lower case, without parameters; JSON where there is none. */
export function mediaTypeOf(header: string | undefined): string {
  const type = (header ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  return type === '' ? 'application/json' : type;
}

/** A body's object, not yet validated. */
export interface DecodedBody {
  readonly object: object;
  readonly duplicates: Duplicates;
}

/** A patch's body, not yet validated. */
export interface DecodedPatch {
  readonly value: unknown;
  readonly duplicates: Duplicates;
}

/**
 * Parses a body that shall hold an object of the given kind. Throws 415 for other media types and 400 with
 * upstream's sentences for what can't be parsed.
 */
export async function decodeObject(
  body: Uint8Array,
  contentType: string | undefined,
  kind: string,
): Promise<DecodedBody> {
  const type = mediaTypeOf(contentType);
  if (type === PROTOBUF) return { object: await decodeBinary(body, kind), duplicates: NO_DUPLICATES };
  if (type !== 'application/json' && !YAML.has(type)) {
    throw unsupportedMediaType(
      `the body of the request was in an unknown format - accepted media types include: ${ACCEPTED}`,
    );
  }
  const parsed = YAML.has(type) ? await parseYaml(body) : parseText(body);
  if (!parsed.ok) throw unrecognized(kind, parsed.message, body);
  if (isObject(parsed.value)) return { object: parsed.value, duplicates: parsed.duplicates };
  if (parsed.value === null) return { object: {}, duplicates: NO_DUPLICATES };
  throw unrecognized(kind, `couldn't get version/kind; json parse error: ${notAnObject(parsed.value)}`, body);
}

/** Parses a patch in JSON. Throws 400. */
export function parseJsonPatch(body: Uint8Array): DecodedPatch {
  const parsed = parseText(body);
  if (parsed.ok) return parsed;
  throw badRequest(`error decoding patch: ${parsed.message}`);
}

/** Parses a patch in YAML. Throws 400. */
export async function parseYamlPatch(body: Uint8Array): Promise<DecodedPatch> {
  const parsed = await parseYaml(body);
  if (parsed.ok) return parsed;
  throw badRequest(`error decoding YAML: ${parsed.message}`);
}

/** What protobuf takes is read with the first such body. */
async function decodeBinary(body: Uint8Array, kind: string): Promise<object> {
  const { loadProtobufTypes } = await import('../kinds/protobuf-types.ts');
  const { decodeProtobuf } = await import('../machinery/protobuf/decode-protobuf.ts');
  const decoded = decodeProtobuf(body, await loadProtobufTypes());
  if (decoded.ok) return decoded.value;
  throw badRequest(
    `the object provided is unrecognized (must be of type ${kind}): ${decoded.message} (${summarize(body)})`,
  );
}

type Parsed = (DecodedPatch & { readonly ok: true }) | { readonly ok: false; readonly message: string };

function parseText(body: Uint8Array): Parsed {
  const parsed = parseJsonStrict(decodeText(body));
  if (!parsed.ok) return parsed;
  return { ok: true, value: parsed.value, duplicates: { paths: parsed.duplicates, lines: [] } };
}

async function parseYaml(body: Uint8Array): Promise<Parsed> {
  const parsed = await parseYamlStrict(decodeText(body));
  if (!parsed.ok) return parsed;
  // Once more as JSON: what YAML has and JSON hasn't (dates, non-string keys, aliases) ends here.
  const again = parseJsonStrict(JSON.stringify(parsed.value) ?? 'null');
  if (!again.ok) return again;
  return { ok: true, value: again.value, duplicates: { paths: [], lines: parsed.duplicates } };
}

function decodeText(body: Uint8Array): string {
  return new TextDecoder('utf-8').decode(body);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function notAnObject(value: unknown): string {
  const type = Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value;
  const target =
    'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
  return `json: cannot unmarshal ${type === 'boolean' ? 'bool' : type} into Go value of type ${target}`;
}

/** `transformDecodeError` of apiserver for a body without a known kind. */
function unrecognized(kind: string, why: string, body: Uint8Array): Error {
  const reason =
    why.startsWith('couldn') || why.startsWith('error') ? why : `couldn't get version/kind; json parse error: ${why}`;
  return badRequest(`the object provided is unrecognized (must be of type ${kind}): ${reason} (${summarize(body)})`);
}

function summarize(body: Uint8Array): string {
  if (body.length === 0) return '<empty>';
  const head = Buffer.from(body.subarray(0, 30));
  const shown = head[0] === 0x7b ? head.toString('utf8') : head.toString('hex');
  return body.length > 30 ? `${shown} ...` : shown;
}
