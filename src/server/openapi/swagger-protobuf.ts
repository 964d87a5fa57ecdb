import type { Swagger } from './swagger.ts';

type Json = { readonly [key: string]: unknown };

/** How a field of a message is written: number and form. */
type Field = readonly [number, (value: never) => Uint8Array, repeated?: 'repeated'];
type Message = { readonly [key: string]: Field };

const TEXT = new TextEncoder();
const LENGTH_DELIMITED = 2;

function varint(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return [...bytes, rest];
}

function text(value: string): Uint8Array {
  return TEXT.encode(value);
}

function delimited(number: number, bytes: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.from([...varint(number * 8 + LENGTH_DELIMITED), ...varint(bytes.length)]), bytes]);
}

/** `Any` of gnostic: the value as YAML, which JSON is. */
function any(value: unknown): Uint8Array {
  return delimited(2, text(JSON.stringify(value)));
}

function named(number: number, name: string, value: Uint8Array): Uint8Array {
  return delimited(number, Buffer.concat([delimited(1, text(name)), delimited(2, value)]));
}

/** A message of one repeated field with pairs of a name and a value. */
function pairs(number: number, write: (value: Json) => Uint8Array) {
  return (values: { readonly [name: string]: Json }): Uint8Array =>
    Buffer.concat(Object.entries(values).map(([name, value]) => named(number, name, write(value))));
}

/** A message by its table; what starts with `x-` goes to the vendor extensions, what isn't listed is left out. */
function message(fields: () => Message, extensions: number) {
  return (value: Json): Uint8Array => {
    const table = fields();
    return Buffer.concat(
      Object.entries(value).flatMap(([key, member]) => {
        if (key.startsWith('x-')) return [named(extensions, key, any(member))];
        const field = Object.hasOwn(table, key) ? table[key] : undefined;
        if (field === undefined) return [];
        const [number, write, repeated] = field;
        const members = repeated === undefined ? [member] : (member as readonly unknown[]);
        return members.map((each) => delimited(number, write(each as never)));
      }),
    );
  };
}

const strings = (number: number): Field => [number, text, 'repeated'];

const schema: (value: Json) => Uint8Array = message(
  () => ({
    $ref: [1, text],
    format: [2, text],
    title: [3, text],
    description: [4, text],
    default: [5, any],
    required: strings(19),
    enum: [20, any, 'repeated'],
    additionalProperties: [21, additional],
    type: [22, (type: string) => delimited(1, text(type))],
    items: [23, (items: Json) => delimited(1, schema(items))],
    properties: [25, pairs(1, schema)],
  }),
  31,
);

/** A schema, or whether there may be more properties. */
function additional(value: Json | boolean): Uint8Array {
  return typeof value === 'boolean' ? Uint8Array.from([2 * 8, Number(value)]) : delimited(1, schema(value));
}

const operation = message(
  () => ({ operationId: [5, text], produces: strings(6), consumes: strings(7), schemes: strings(10) }),
  13,
);

const pathItem = message(
  () => ({
    get: [2, operation],
    put: [3, operation],
    post: [4, operation],
    delete: [5, operation],
    patch: [8, operation],
  }),
  10,
);

const info = message(() => ({ title: [1, text], version: [2, text] }), 7);

const document = message(
  () => ({ swagger: [1, text], info: [2, info], paths: [8, pairs(2, pathItem)], definitions: [9, pairs(1, schema)] }),
  16,
);

/**
 * A Swagger document as gnostic's `openapi.v2.Document`, the only form that client-go asks for. Parameters and
 * responses are left out: what reads it looks for definitions, and for the media types and kinds of operations.
 */
export function encodeSwagger(swagger: Swagger): Uint8Array {
  return document({ ...swagger });
}
