import { goQuote } from '../go-format.ts';
import { canonicalQuantity, parseQuantity } from '../quantity.ts';
import { canonicalMicroTime, canonicalTime } from '../time.ts';
import { type Decode, type DecodeContext, describeJson, typeMismatch } from './decode-context.ts';

const INT32 = 2 ** 31;
const INT64 = 2 ** 63;

/** Passes anything through. */
export const decodeAnything: Decode = (value) => value;

/** Strings of a named or plain string type. */
export const decodeString: Decode = (value, context) =>
  typeof value === 'string' ? value : typeMismatch(context, describeJson(value), 'string');

/** Booleans. */
export const decodeBoolean: Decode = (value, context) =>
  typeof value === 'boolean' ? value : typeMismatch(context, describeJson(value), 'bool');

/** Floating-point numbers. */
export const decodeNumber: Decode = (value, context) =>
  typeof value === 'number' ? value : typeMismatch(context, describeJson(value), 'float64');

function decodeInteger(type: string, limit: number): Decode {
  return (value, context) => {
    if (typeof value !== 'number') return typeMismatch(context, describeJson(value), type);
    if (Number.isInteger(value) && value < limit && value >= -limit) return value;
    return typeMismatch(context, `number ${value}`, type);
  };
}

/** 32-bit integers. */
export const decodeInt32 = decodeInteger('int32', INT32);

/** 64-bit integers. */
export const decodeInt64 = decodeInteger('int64', INT64);

/** `intstr.IntOrString`. */
export const decodeIntOrString: Decode = (value, context) =>
  typeof value === 'string' ? value : decodeInt32(value, context);

function fail(context: DecodeContext, message: string): undefined {
  context.errors.push(message);
  return undefined;
}

/** `resource.Quantity`, canonical. */
export const decodeQuantity: Decode = (value, context) => {
  const text = typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value);
  const quantity = parseQuantity(text);
  return quantity.ok ? canonicalQuantity(text) : fail(context, quantity.message);
};

function decodeDate(layout: string, canonical: (text: string) => string | undefined): Decode {
  return (value, context) => {
    if (typeof value !== 'string') return typeMismatch({ ...context, fields: [] }, describeJson(value), 'string');
    const reason = `parsing time ${goQuote(value)} as ${goQuote(layout)}: cannot parse ${goQuote(value)} as "2006"`;
    return canonical(value) ?? fail(context, reason);
  };
}

/** `metav1.Time`: UTC with whole seconds. */
export const decodeTime = decodeDate('2006-01-02T15:04:05Z07:00', canonicalTime);

/** `metav1.MicroTime`: UTC with six places. */
export const decodeMicroTime = decodeDate('2006-01-02T15:04:05.000000Z07:00', canonicalMicroTime);

/** Offset of the first byte that breaks standard base64, or -1. */
function base64ErrorOffset(text: string): number {
  const stray = text.search(/[^A-Za-z0-9+/=]/);
  if (stray >= 0) return stray;
  const padding = text.indexOf('=');
  if (text.length % 4 === 0 && (padding < 0 || /^[^=]*={0,2}$/.test(text))) return -1;
  return padding >= 0 ? padding : text.length - (text.length % 4);
}

/** `[]byte`: base64; line breaks are taken out, as Go does. */
export const decodeBytes: Decode = (value, context) => {
  if (typeof value !== 'string') return typeMismatch(context, describeJson(value), '[]uint8');
  const text = value.replace(/[\r\n]/g, '');
  const offset = base64ErrorOffset(text);
  return offset < 0 ? text : fail(context, `illegal base64 data at input byte ${offset}`);
};
