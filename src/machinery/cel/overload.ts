import {
  BOOL,
  BYTES,
  type CelType,
  DOUBLE,
  DURATION,
  DYN,
  INT,
  listOf,
  mapOf,
  NULL,
  optionalOf,
  STRING,
  TIMESTAMP,
  TYPE,
  UINT,
} from './types.ts';

/** One way to call a function. */
export interface Overload {
  readonly name: string;
  /** Called on its first argument: `text.contains(part)`. */
  readonly member: boolean;
  readonly params: readonly CelType[];
  readonly result: CelType;
  /** Throws CelError. */
  // biome-ignore lint/suspicious/noExplicitAny: arguments are of the overload's own types.
  readonly call: (...args: any[]) => unknown;
  /** Cost of a call beyond 1, by its arguments. */
  // biome-ignore lint/suspicious/noExplicitAny: arguments are of the overload's own types.
  readonly cost: ((...args: any[]) => number) | undefined;
}

const SIMPLE: { readonly [name: string]: CelType } = {
  bool: BOOL,
  int: INT,
  uint: UINT,
  double: DOUBLE,
  string: STRING,
  bytes: BYTES,
  null: NULL,
  timestamp: TIMESTAMP,
  duration: DURATION,
  type: TYPE,
  dyn: DYN,
};

function splitArguments(text: string): readonly string[] {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '<') depth++;
    if (character === '>') depth--;
    if (character === ',' && depth === 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts.map((part) => part.trim()).filter((part) => part !== '');
}

function parseType(text: string): CelType {
  const known = Object.hasOwn(SIMPLE, text) ? SIMPLE[text] : undefined;
  if (known !== undefined) return known;
  if (/^[A-Z]$/.test(text)) return { kind: 'param', name: text };
  const [, outer = '', inner = ''] = /^(list|map|optional)<(.*)>$/.exec(text) ?? [];
  const [first = DYN, second = DYN] = splitArguments(inner).map(parseType);
  if (outer === 'list') return listOf(first);
  if (outer === 'map') return mapOf(first, second);
  return outer === 'optional' ? optionalOf(first) : { kind: 'abstract', name: text };
}

/**
 * An overload from its signature: `size(string): int`, `string.contains(string): bool`, `list<T>.min(): T`. Single
 * capital letters are type parameters; other unknown names are types of a library. `math::abs` is in a namespace.
 */
export function overload(signature: string, call: Overload['call'], cost?: Overload['cost']): Overload {
  const [, receiver, name = '', args = '', result = ''] =
    /^(?:([\w.]+(?:<.*?>)?)\.)?([\w@!_?:+*/%<>=&|-]+)\((.*)\):\s*(.+)$/.exec(signature) ?? [];
  const params = splitArguments(args).map(parseType);
  return {
    name: name.replace('::', '.'),
    member: receiver !== undefined,
    params: receiver === undefined ? params : [parseType(receiver), ...params],
    result: parseType(result),
    call,
    cost,
  };
}

/** Overloads by the way in which they are called. */
export type Functions = ReadonlyMap<string, readonly Overload[]>;

/** The key of a call in `Functions`. */
export function callKey(name: string, member: boolean, count: number): string {
  return `${member ? '.' : ''}${name}/${count}`;
}

/** Collects overloads; `count` in the keys is that of all arguments, the receiver among them. */
export function functionsOf(...libraries: readonly (readonly Overload[])[]): Functions {
  const functions = new Map<string, Overload[]>();
  for (const each of libraries.flat()) {
    const key = callKey(each.name, each.member, each.params.length);
    const known = functions.get(key);
    if (known === undefined) functions.set(key, [each]);
    else known.push(each);
  }
  return functions;
}

/** Names of functions that exist with any arguments. */
export function hasFunction(functions: Functions, name: string): boolean {
  return [...functions.keys()].some((key) => key.replace(/^\./, '').startsWith(`${name}/`));
}
