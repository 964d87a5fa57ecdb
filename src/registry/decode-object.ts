import { catalogue } from '../kinds/catalogue.ts';
import type { KindDefinition } from '../kinds/definition.ts';
import { goQuote } from '../machinery/go-format.ts';
import { apiVersionOf, type KubernetesObject } from '../machinery/object.ts';
import { decodeWithSchema } from '../machinery/schema/decode.ts';
import type { SchemaSource } from '../machinery/schema/schema.ts';
import { NO_DUPLICATES, strictDecodingError, strictFindings } from '../machinery/schema/strict-errors.ts';
import { badRequest } from '../machinery/status-error.ts';
import type { WriteOptions } from './registry.ts';

/** A body in its kind's shape, with the sentences about what was left out of it. */
export interface DecodedObject {
  readonly object: KubernetesObject;
  readonly warnings: readonly string[];
  /** Paths of what the schema doesn't know. */
  readonly unknown: readonly string[];
}

interface DecodeOptions extends Pick<WriteOptions, 'fieldValidation' | 'duplicates'> {
  readonly schema: SchemaSource;
  /** Makes the error of a body that doesn't decode; `why` is upstream's sentence. */
  readonly refuse?: (why: string) => Error;
}

interface TypeFields {
  readonly apiVersion: string;
  readonly kind: string;
}

function cannotBeHandled(kind: KindDefinition, found: TypeFields) {
  const version = found.apiVersion.split('/').at(-1) ?? '';
  return (why: string) =>
    badRequest(`${found.kind} in version ${goQuote(version)} cannot be handled as a ${kind.kind}: ${why}`);
}

/** What a body says that it is; what it doesn't say is what was expected. */
function typeFieldsOf(
  kind: KindDefinition,
  body: { readonly apiVersion?: unknown; readonly kind?: unknown },
): TypeFields {
  const apiVersion =
    typeof body.apiVersion === 'string' && body.apiVersion !== '' ? body.apiVersion : apiVersionOf(kind);
  return { apiVersion, kind: typeof body.kind === 'string' && body.kind !== '' ? body.kind : kind.kind };
}

/** Why an object of another type isn't one of this kind: upstream decodes what it knows, and fails to convert it. */
function otherType(kind: KindDefinition, found: TypeFields): string {
  const known = catalogue.some((each) => each.kind === found.kind && apiVersionOf(each) === found.apiVersion);
  if (!known) {
    const version = goQuote(found.apiVersion);
    return `no kind ${goQuote(found.kind)} is registered for version ${version} in scheme "pkg/api/legacyscheme/scheme.go:30"`;
  }
  const from = `${found.apiVersion.split('/').at(-1)}.${found.kind}`;
  const to = `${kind.group === '' ? 'core' : kind.group.split('.')[0]}.${kind.kind}`;
  return `converting (${from}) to (${to}): unknown conversion`;
}

/** Throws 400 when a body says that it is of another type. Absent type fields are fine. */
function requireType(kind: KindDefinition, found: TypeFields, refuse: (why: string) => Error): void {
  if (found.apiVersion === apiVersionOf(kind) && found.kind === kind.kind) return;
  if (kind.custom !== undefined && found.apiVersion !== apiVersionOf(kind)) {
    throw badRequest(
      `the API version in the data (${found.apiVersion}) does not match the expected API version (${apiVersionOf(kind)})`,
    );
  }
  throw refuse(otherType(kind, found));
}

/**
 * Reads a body as an object of the kind. Unknown fields are left out; they are warned about, refused or passed over
 * as `fieldValidation` says, and so are keys that stood twice. Throws 400 for what doesn't fit the type.
 */
export function decodeObject(kind: KindDefinition, body: unknown, options: DecodeOptions): DecodedObject {
  if (typeof body !== 'object' || body === null) throw badRequest('the object provided is not an object');
  const found = typeFieldsOf(kind, body);
  const refuse = options.refuse ?? cannotBeHandled(kind, found);
  requireType(kind, found, refuse);
  const decoded = kind.custom?.decode(body) ?? decodeWithSchema(body, kind.schema, options.schema);
  const [error] = decoded.errors;
  if (error !== undefined) throw refuse(error);
  const findings = { unknown: decoded.unknown, duplicates: options.duplicates ?? NO_DUPLICATES };
  const strict = options.fieldValidation === 'Strict' ? strictDecodingError(body, findings) : undefined;
  if (strict !== undefined) throw refuse(strict);
  const warnings = options.fieldValidation === 'Ignore' ? [] : strictFindings(body, findings);
  return { object: typed(kind, decoded.object as KubernetesObject), warnings, unknown: decoded.unknown };
}

/** The object with its type fields first, as they are served. */
export function typed(kind: KindDefinition, object: KubernetesObject): KubernetesObject {
  const { apiVersion: _, kind: __, metadata = {}, ...rest } = object;
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata, ...rest } as KubernetesObject;
}
