import { define } from '../deep.ts';
import { decodeUtf8, encodeBase64 } from './bytes.ts';
import { type Field, isScalar, type Message, type MessageSource } from './descriptors.ts';
import { type Fields, specialForm } from './special-messages.ts';
import { createWireReader, type Tag, WireError, type WireReader } from './wire-reader.ts';

/** What decoding needs to know beside the bytes. */
export interface DecodeTypes {
  readonly messages: MessageSource;
  /**
   * Go writes a field that isn't a pointer even when it is empty, and JSON then mostly leaves it out. Says which
   * fields are kept when they are empty: those that JSON always has, and pointers.
   */
  readonly keepsZero: (message: string, field: string) => boolean;
}

interface Context extends DecodeTypes {
  readonly depth: number;
}

/** Deeper messages are refused: nothing in Kubernetes nests like that. */
const MAX_DEPTH = 200;

function wrongWire({ wire }: Tag, type: string): WireError {
  return new WireError(`proto: wrong wireType = ${wire} for field of type ${type}`);
}

function readVarint(type: string, value: number): number | boolean {
  if (type === 'bool') return value !== 0;
  return type === 'int32' ? value | 0 : value;
}

/** Kubernetes uses these types only. Bytes stay bytes: some hold JSON. */
function readScalar(type: string, tag: Tag, reader: WireReader): unknown {
  switch (type) {
    case 'bool':
    case 'int32':
    case 'int64':
      if (tag.wire !== 0) throw wrongWire(tag, type);
      return readVarint(type, reader.varint());
    case 'double':
      if (tag.wire !== 1) throw wrongWire(tag, type);
      return reader.double();
    default:
      if (tag.wire !== 2) throw wrongWire(tag, type);
      return type === 'string' ? decodeUtf8(reader.bytes()) : reader.bytes();
  }
}

function readValue(type: string, tag: Tag, reader: WireReader, context: Context): unknown {
  if (isScalar(type)) return readScalar(type, tag, reader);
  if (tag.wire !== 2) throw wrongWire(tag, type);
  return decodeNested(type, reader.bytes(), context);
}

function emptyValue(type: string): unknown {
  return type === 'bool' ? false : type === 'string' || type === 'bytes' ? '' : isScalar(type) ? 0 : undefined;
}

/** One entry of a map. Its bytes can't hold JSON. */
function readEntry(field: Field, bytes: Uint8Array, context: Context): readonly [key: string, value: unknown] {
  const reader = createWireReader(bytes);
  let key = '';
  let value = emptyValue(field.type);
  while (!reader.done) {
    const tag = reader.tag();
    if (tag.id === 1) key = String(readScalar(field.keyType ?? '', tag, reader));
    else if (tag.id === 2) value = readValue(field.type, tag, reader, context);
    else reader.skip(tag.wire);
  }
  return [key, value instanceof Uint8Array ? encodeBase64(value) : value];
}

function isZero(value: unknown): boolean {
  return value === '' || value === 0 || value === false || (value instanceof Uint8Array && value.length === 0);
}

interface FieldRead {
  readonly field: Field;
  readonly tag: Tag;
  readonly reader: WireReader;
  readonly target: Record<string, unknown>;
}

function readField({ field, tag, reader, target }: FieldRead, context: Context): void {
  const { name, type } = field;
  if (field.keyType !== undefined) {
    if (tag.wire !== 2) throw wrongWire(tag, 'map');
    target[name] ??= {};
    define(target[name] as Record<string, unknown>, ...readEntry(field, reader.bytes(), context));
  } else if (field.rule === 'repeated') {
    target[name] ??= [];
    (target[name] as unknown[]).push(readValue(type, tag, reader, context));
  } else target[name] = readValue(type, tag, reader, context);
}

function readFields(message: Message, bytes: Uint8Array, context: Context): Fields {
  const target: Record<string, unknown> = {};
  const reader = createWireReader(bytes);
  while (!reader.done) {
    const tag = reader.tag();
    const field = message.fields.get(tag.id);
    if (field === undefined) reader.skip(tag.wire);
    else readField({ field, tag, reader, target }, context);
  }
  return target;
}

function toBase64(value: unknown): unknown {
  if (value instanceof Uint8Array) return encodeBase64(value);
  return Array.isArray(value) && value[0] instanceof Uint8Array ? value.map(toBase64) : value;
}

function toJson(message: Message, fields: Fields, { keepsZero }: Context): Fields {
  const target: Record<string, unknown> = {};
  for (const { name, json, inlined } of message.fields.values()) {
    const value = fields[name];
    if (value === undefined || (isZero(value) && !keepsZero(message.name, json))) continue;
    if (inlined) Object.assign(target, value);
    else target[json] = toBase64(value);
  }
  return target;
}

function decodeNested(name: string, bytes: Uint8Array, outer: Context): unknown {
  const message = outer.messages.message(name);
  if (message === undefined) throw new WireError(`unknown message ${name}`);
  if (outer.depth >= MAX_DEPTH) throw new WireError('proto: nested too deeply');
  const context = { ...outer, depth: outer.depth + 1 };
  const fields = readFields(message, bytes, context);
  const special = specialForm(name);
  return special === undefined ? toJson(message, fields, context) : special(fields);
}

/** The JSON form of a message of that full name. Throws WireError for bytes that aren't one. */
export function decodeMessage(name: string, bytes: Uint8Array, types: DecodeTypes): unknown {
  return decodeNested(name, bytes, { ...types, depth: 0 });
}
