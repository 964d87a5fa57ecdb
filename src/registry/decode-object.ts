import type { KindDefinition } from '../kinds/definition.ts';
import { apiVersionOf, type KubernetesObject } from '../machinery/object.ts';
import { decodeWithSchema } from '../machinery/schema/decode.ts';
import type { SchemaSource } from '../machinery/schema/schema.ts';
import { strictDecodingError, strictFindings } from '../machinery/schema/strict-errors.ts';
import { badRequest } from '../machinery/status-error.ts';
import type { WriteOptions } from './registry.ts';

/** A body in its kind's shape, with the sentences about what was left out of it. */
export interface DecodedObject {
  readonly object: KubernetesObject;
  readonly warnings: readonly string[];
}

interface DecodeOptions {
  readonly schema: SchemaSource;
  readonly fieldValidation?: WriteOptions['fieldValidation'];
  /** Makes the error of a body that doesn't decode; `why` is upstream's sentence. */
  readonly refuse?: (why: string) => Error;
}

function cannotBeHandled(kind: KindDefinition, found: { readonly kind: string; readonly version: string }) {
  return (why: string) =>
    badRequest(`${found.kind} in version "${found.version}" cannot be handled as a ${kind.kind}: ${why}`);
}

/** Throws 400 when a body says that it is of another type. Absent type fields are fine. */
function requireType(kind: KindDefinition, body: { readonly apiVersion?: unknown; readonly kind?: unknown }): void {
  const expected = apiVersionOf(kind);
  const apiVersion = typeof body.apiVersion === 'string' && body.apiVersion !== '' ? body.apiVersion : expected;
  const name = typeof body.kind === 'string' && body.kind !== '' ? body.kind : kind.kind;
  if (apiVersion !== expected) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    );
  }
  if (name === kind.kind) return;
  const [found, wanted] = [`v1.${name}`, `${kind.group === '' ? 'core' : kind.group.split('.')[0]}.${kind.kind}`];
  const version = expected;
  throw cannotBeHandled(kind, { kind: name, version })(`converting (${found}) to (${wanted}): unknown conversion`);
}

/**
 * Reads a body as an object of the kind. Unknown fields are left out; they are warned about, refused or passed over
 * as `fieldValidation` says. Throws 400 for what doesn't fit the type.
 */
export function decodeObject(kind: KindDefinition, body: unknown, options: DecodeOptions): DecodedObject {
  if (typeof body !== 'object' || body === null) throw badRequest('the object provided is not an object');
  requireType(kind, body);
  const refuse = options.refuse ?? cannotBeHandled(kind, { kind: kind.kind, version: apiVersionOf(kind) });
  const decoded = kind.custom?.decode(body) ?? decodeWithSchema(body, kind.schema, options.schema);
  const [error] = decoded.errors;
  if (error !== undefined) throw refuse(error);
  const findings = { unknown: decoded.unknown, duplicates: [] };
  const strict = options.fieldValidation === 'Strict' ? strictDecodingError(findings) : undefined;
  if (strict !== undefined) throw refuse(strict);
  const warnings = options.fieldValidation === 'Ignore' ? [] : strictFindings(findings);
  return { object: typed(kind, decoded.object as KubernetesObject), warnings };
}

/** The object with its type fields first, as they are served. */
export function typed(kind: KindDefinition, object: KubernetesObject): KubernetesObject {
  const { apiVersion: _, kind: __, metadata = {}, ...rest } = object;
  return { apiVersion: apiVersionOf(kind), kind: kind.kind, metadata, ...rest } as KubernetesObject;
}
