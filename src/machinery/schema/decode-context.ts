/** Where a decoder is in the object, and what it has found. One per decoded object. */
export interface DecodeContext {
  /** Struct fields, map keys and indexes from the root, for the paths of strict errors. */
  readonly segments: (string | number)[];
  /** Struct fields from the root, for Go's type errors, which leave out indexes and map keys. */
  readonly fields: string[];
  /** Name of the innermost struct. */
  struct: string;
  readonly unknown: string[];
  readonly errors: string[];
  readonly defaults: boolean;
}

/** Decodes one value; undefined drops it. Never throws. */
export type Decode = (value: unknown, context: DecodeContext) => unknown;

/** A path as strict decoding prints it: `spec.containers[0].image`. */
export function printPath(segments: readonly (string | number)[]): string {
  let path = '';
  for (const segment of segments) {
    if (typeof segment === 'number') path += `[${segment}]`;
    else path += path === '' ? segment : `.${segment}`;
  }
  return path;
}

/** Names a JSON value as Go's type errors do. */
export function describeJson(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}

/** Adds Go's `json.UnmarshalTypeError`. */
export function typeMismatch(context: DecodeContext, found: string, type: string): undefined {
  const { struct, fields } = context;
  const place = fields.length === 0 ? 'Go value' : `Go struct field ${struct}.${fields.join('.')}`;
  context.errors.push(`json: cannot unmarshal ${found} into ${place} of type ${type}`);
  return undefined;
}
