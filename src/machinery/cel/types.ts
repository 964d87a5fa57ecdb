/** A type of the Common Expression Language. */
export type CelType =
  | { readonly kind: SimpleKind }
  | { readonly kind: 'list'; readonly item: CelType }
  | { readonly kind: 'map'; readonly key: CelType; readonly value: CelType }
  | { readonly kind: 'optional'; readonly of: CelType }
  /** A struct with known fields. */
  | { readonly kind: 'object'; readonly name: string; readonly fields: ReadonlyMap<string, CelType> }
  /** A type of a library: `kubernetes.Quantity`. */
  | { readonly kind: 'abstract'; readonly name: string }
  /** Stands for any one type in a function's signature. */
  | { readonly kind: 'param'; readonly name: string };

/** Types without parts. */
export type SimpleKind =
  | 'bool'
  | 'int'
  | 'uint'
  | 'double'
  | 'string'
  | 'bytes'
  | 'null'
  | 'timestamp'
  | 'duration'
  | 'type'
  | 'dyn';

const simple = (kind: SimpleKind): CelType => ({ kind });

/** The simple types. */
export const BOOL = simple('bool');
export const INT = simple('int');
export const UINT = simple('uint');
export const DOUBLE = simple('double');
export const STRING = simple('string');
export const BYTES = simple('bytes');
export const NULL = simple('null');
export const TIMESTAMP = simple('timestamp');
export const DURATION = simple('duration');
export const TYPE = simple('type');
export const DYN = simple('dyn');

/** `list(item)`. */
export function listOf(item: CelType): CelType {
  return { kind: 'list', item };
}

/** `map(key, value)`. */
export function mapOf(key: CelType, value: CelType): CelType {
  return { kind: 'map', key, value };
}

/** `optional_type(of)`. */
export function optionalOf(of: CelType): CelType {
  return { kind: 'optional', of };
}

const NAMES: { readonly [kind in SimpleKind]?: string } = {
  null: 'null_type',
  timestamp: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
};

/** A type's name as cel-go's messages print it. */
export function printType(type: CelType): string {
  switch (type.kind) {
    case 'list':
      return `list(${printType(type.item)})`;
    case 'map':
      return `map(${printType(type.key)}, ${printType(type.value)})`;
    case 'optional':
      return `optional_type(${printType(type.of)})`;
    case 'object':
    case 'abstract':
    case 'param':
      return type.name;
    default:
      return NAMES[type.kind] ?? type.kind;
  }
}

/** What type parameters stand for in one call. */
export type Bindings = Map<string, CelType>;

function bind(param: string, type: CelType, bindings: Bindings): boolean {
  const known = bindings.get(param);
  if (known === undefined) {
    bindings.set(param, type);
    return true;
  }
  if (known.kind === 'dyn') return true;
  // `null` says nothing of the type that another argument may give.
  if (known.kind === 'null' && isNullable(type)) bindings.set(param, type);
  return isAssignable(type, known, bindings) || isAssignable(known, type, bindings);
}

function isNullable(type: CelType): boolean {
  return !['bool', 'int', 'uint', 'double', 'string', 'bytes', 'list', 'map'].includes(type.kind);
}

/** Parts of two types of the same kind, pairwise; undefined for types without parts. */
function partsOf(from: CelType, to: CelType): readonly (readonly [CelType, CelType])[] | undefined {
  if (from.kind === 'list' && to.kind === 'list') return [[from.item, to.item]];
  if (from.kind === 'optional' && to.kind === 'optional') return [[from.of, to.of]];
  if (from.kind === 'map' && to.kind === 'map') {
    return [
      [from.key, to.key],
      [from.value, to.value],
    ];
  }
  return undefined;
}

/** Whether a value of type `from` can stand where `to` is wanted. Binds the parameters of `to`. */
export function isAssignable(from: CelType, to: CelType, bindings: Bindings): boolean {
  if (to.kind === 'param') return bind(to.name, from, bindings);
  if (from.kind === 'param' || from.kind === 'dyn' || to.kind === 'dyn') return true;
  if (from.kind === 'null') return to.kind === 'null' || isNullable(to);
  const parts = partsOf(from, to);
  if (parts !== undefined) return parts.every(([left, right]) => isAssignable(left, right, bindings));
  return from.kind === to.kind && (!('name' in from) || !('name' in to) || from.name === to.name);
}

/** The type with its parameters replaced by what they stand for; `dyn` for those that nothing was said of. */
export function resolve(type: CelType, bindings: Bindings): CelType {
  switch (type.kind) {
    case 'param': {
      const known = bindings.get(type.name);
      return known === undefined ? DYN : known.kind === 'param' ? DYN : known;
    }
    case 'list':
      return listOf(resolve(type.item, bindings));
    case 'map':
      return mapOf(resolve(type.key, bindings), resolve(type.value, bindings));
    case 'optional':
      return optionalOf(resolve(type.of, bindings));
    default:
      return type;
  }
}

/** The type that two have in common; `dyn` where there is none. */
export function join(a: CelType, b: CelType): CelType {
  if (a.kind === 'param') return b;
  if (b.kind === 'param') return a;
  if (a.kind === 'dyn' || b.kind === 'dyn') return DYN;
  if (a.kind === 'list' && b.kind === 'list') return listOf(join(a.item, b.item));
  if (a.kind === 'map' && b.kind === 'map') return mapOf(join(a.key, b.key), join(a.value, b.value));
  if (a.kind === 'optional' && b.kind === 'optional') return optionalOf(join(a.of, b.of));
  if (a.kind === 'null' && isNullable(b)) return b;
  if (b.kind === 'null' && isNullable(a)) return a;
  return isAssignable(a, b, new Map()) ? b : DYN;
}
