import { isInlined, jsonName } from './field-names.ts';

/** A field as protobufjs describes it in JSON. */
export interface FieldDescriptor {
  readonly type: string;
  readonly id: number;
  readonly rule?: string;
  /** Present for maps. */
  readonly keyType?: string;
}

/** A namespace or message as protobufjs describes it in JSON. */
export interface Descriptor {
  readonly fields?: { readonly [name: string]: FieldDescriptor };
  readonly nested?: { readonly [name: string]: Descriptor };
}

/** A message by its full name, e.g. `k8s.io.api.core.v1.Pod`. */
export interface Message {
  readonly name: string;
  /** Its fields by their numbers. */
  readonly fields: ReadonlyMap<number, Field>;
}

/** A message's field, with its type's full name where that is a message. */
export interface Field extends FieldDescriptor {
  readonly name: string;
  /** Its name in JSON. */
  readonly json: string;
  /** Whether its own fields stand beside it in JSON. */
  readonly inlined: boolean;
}

/** Finds messages in a tree of descriptors. */
export interface MessageSource {
  message(name: string): Message | undefined;
}

function at(root: Descriptor, path: readonly string[]): Descriptor | undefined {
  let current: Descriptor | undefined = root;
  for (const part of path) {
    const nested: Descriptor['nested'] = current?.nested;
    current = nested !== undefined && Object.hasOwn(nested, part) ? nested[part] : undefined;
  }
  return current;
}

const SCALARS: ReadonlySet<string> = new Set(['string', 'bytes', 'bool', 'double', 'int32', 'int64']);

/** Whether a field's type is a scalar and not a message. */
export function isScalar(type: string): boolean {
  return SCALARS.has(type);
}

/** A type's full name: absolute with a leading dot, else looked for from the innermost scope outwards. */
function resolve(root: Descriptor, type: string, scope: readonly string[]): string {
  if (isScalar(type)) return type;
  if (type.startsWith('.')) return type.slice(1);
  const parts = type.split('.');
  for (let depth = scope.length; depth >= 0; depth--) {
    const path = [...scope.slice(0, depth), ...parts];
    if (at(root, path)?.fields !== undefined) return path.join('.');
  }
  return type;
}

/** Makes the source over a tree; messages are looked at when they are first asked for. */
export function createMessageSource(root: Descriptor): MessageSource {
  const known = new Map<string, Message | undefined>();
  const read = (name: string): Message | undefined => {
    const path = name.split('.');
    const fields = at(root, path)?.fields;
    if (fields === undefined) return undefined;
    const byId = Object.entries(fields).map(([fieldName, field]) => {
      const type = resolve(root, field.type, path);
      const names = { name: fieldName, json: jsonName(name, fieldName), inlined: isInlined(name, fieldName) };
      return [field.id, { ...field, type, ...names }] as const;
    });
    return { name, fields: new Map(byId) };
  };
  return {
    message: (name) => {
      if (!known.has(name)) known.set(name, read(name));
      return known.get(name);
    },
  };
}
