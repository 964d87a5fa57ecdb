import { parseJsonStrict } from '../schema/parse-json-strict.ts';
import { formatMicroTime, formatTime } from '../time.ts';
import { decodeUtf8 } from './bytes.ts';
import { WireError } from './wire-reader.ts';

/** A message's fields by their names. */
export type Fields = { readonly [name: string]: unknown };

/** The JSON form of a message that isn't an object with the message's fields; undefined drops the field. */
type ToJson = (fields: Fields) => unknown;

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

/** Milliseconds of a timestamp; undefined for Go's zero time, which is an absent one in JSON. */
function millisecondsOf({ seconds, nanos }: Fields): number | undefined {
  const isZero = numberOf(seconds) <= -62_135_596_800 || (seconds === undefined && nanos === undefined);
  return isZero ? undefined : numberOf(seconds) * 1000 + Math.floor(numberOf(nanos) / 1e6);
}

const time: ToJson = (fields) => {
  const ms = millisecondsOf(fields);
  return ms === undefined ? undefined : formatTime(ms);
};

const microTime: ToJson = (fields) => {
  const ms = millisecondsOf(fields);
  return ms === undefined ? undefined : formatMicroTime(ms, Math.floor(numberOf(fields.nanos) / 1000) % 1000);
};

/** Bytes that hold JSON text; the decoder leaves them as they are for these messages. */
function parseRaw(bytes: unknown): unknown {
  if (!(bytes instanceof Uint8Array) || bytes.length === 0) return undefined;
  const parsed = parseJsonStrict(decodeUtf8(bytes));
  if (!parsed.ok) throw new WireError(parsed.message);
  return parsed.value;
}

const META = 'k8s.io.apimachinery.pkg.apis.meta.v1';
const EXTENSIONS = 'k8s.io.apiextensions_apiserver.pkg.apis.apiextensions.v1';

const special: { readonly [message: string]: ToJson } = {
  [`${META}.Time`]: time,
  [`${META}.MicroTime`]: microTime,
  [`${META}.Duration`]: ({ duration }) => `${numberOf(duration) / 1e9}s`,
  [`${META}.FieldsV1`]: ({ Raw }) => parseRaw(Raw),
  [`${META}.Verbs`]: ({ items }) => items ?? [],
  'k8s.io.apimachinery.pkg.runtime.RawExtension': ({ raw }) => parseRaw(raw),
  'k8s.io.apimachinery.pkg.api.resource.Quantity': ({ string }) => string ?? '0',
  'k8s.io.apimachinery.pkg.util.intstr.IntOrString': ({ type, intVal, strVal }) =>
    type === 1 ? (strVal ?? '') : (intVal ?? 0),
  [`${EXTENSIONS}.JSON`]: ({ raw }) => parseRaw(raw),
  [`${EXTENSIONS}.JSONSchemaPropsOrBool`]: ({ schema, allows }) => schema ?? allows ?? false,
  [`${EXTENSIONS}.JSONSchemaPropsOrArray`]: ({ schema, jSONSchemas }) => schema ?? jSONSchemas,
  [`${EXTENSIONS}.JSONSchemaPropsOrStringArray`]: ({ schema, property }) => schema ?? property ?? [],
};

/** How a message is written in JSON where that isn't field by field. */
export function specialForm(message: string): ToJson | undefined {
  if (message.endsWith('.ExtraValue')) return ({ items }) => items ?? [];
  return Object.hasOwn(special, message) ? special[message] : undefined;
}
