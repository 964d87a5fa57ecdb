import { type Parsed, parsed, unparsable } from '../parsed.ts';
import { parseJsonStrict } from '../schema/parse-json-strict.ts';
import { decodeUtf8 } from './bytes.ts';
import { type DecodeTypes, decodeMessage } from './decode-message.ts';
import { createWireReader, WireError } from './wire-reader.ts';

/** Every Kubernetes protobuf body begins with `k8s` and a zero byte. */
const MAGIC = [0x6b, 0x38, 0x73, 0x00];

/** `runtime.Unknown`: what an object says about itself before its own bytes. */
interface Envelope {
  readonly apiVersion: string;
  readonly kind: string;
  readonly raw: Uint8Array;
  readonly contentType: string;
}

/** Fields of a message all of whose fields have a length. */
function readParts(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const reader = createWireReader(bytes);
  const parts = new Map<number, Uint8Array>();
  while (!reader.done) {
    const { id, wire } = reader.tag();
    if (wire === 2) parts.set(id, reader.bytes());
    else reader.skip(wire);
  }
  return parts;
}

function readEnvelope(bytes: Uint8Array): Envelope {
  const empty = new Uint8Array();
  const parts = readParts(bytes);
  const type = readParts(parts.get(1) ?? empty);
  return {
    apiVersion: decodeUtf8(type.get(1) ?? empty),
    kind: decodeUtf8(type.get(2) ?? empty),
    raw: parts.get(2) ?? empty,
    contentType: decodeUtf8(parts.get(4) ?? empty),
  };
}

/** Types that belong to every group version. */
const META_KINDS: ReadonlySet<string> = new Set([
  'CreateOptions',
  'DeleteOptions',
  'GetOptions',
  'ListOptions',
  'PatchOptions',
  'UpdateOptions',
  'Status',
]);

/** Full name of a kind's message: `apps/v1` Deployment is `k8s.io.api.apps.v1.Deployment`. */
export function messageNameOf(apiVersion: string, kind: string): string {
  if (META_KINDS.has(kind)) return `k8s.io.apimachinery.pkg.apis.meta.v1.${kind}`;
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  if (group === 'apiextensions.k8s.io') {
    return `k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.${version}.${kind}`;
  }
  if (group === 'apiregistration.k8s.io') {
    return `k8s.io.kube_aggregator.pkg.apis.apiregistration.${version}.${kind}`;
  }
  const first = group === '' ? 'core' : (group.split('.')[0] ?? '');
  const folder = group === 'internal.apiserver.k8s.io' ? 'apiserverinternal' : first;
  return `k8s.io.api.${folder}.${version}.${kind}`;
}

function decodeEnvelope({ apiVersion, kind, raw, contentType }: Envelope, types: DecodeTypes): Parsed<object> {
  if (contentType === 'application/json') {
    const json = parseJsonStrict(decodeUtf8(raw));
    return json.ok ? parsed(json.value as object) : unparsable(json.message);
  }
  const name = messageNameOf(apiVersion, kind);
  if (types.messages.message(name) === undefined) {
    return unparsable(`no kind "${kind}" is registered for version "${apiVersion}"`);
  }
  const fields = decodeMessage(name, raw, types) as object;
  return parsed({ ...(kind === '' ? {} : { kind }), ...(apiVersion === '' ? {} : { apiVersion }), ...fields });
}

/**
 * Reads a body of media type `application/vnd.kubernetes.protobuf`: the object as JSON would have it. Never throws;
 * a failure says what is wrong in upstream's or protobuf's words.
 */
export function decodeProtobuf(bytes: Uint8Array, types: DecodeTypes): Parsed<object> {
  if (MAGIC.some((byte, at) => bytes[at] !== byte)) {
    return unparsable('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]');
  }
  try {
    return decodeEnvelope(readEnvelope(bytes.subarray(MAGIC.length)), types);
  } catch (error) {
    if (error instanceof WireError) return unparsable(error.message);
    throw error;
  }
}
