import { canonicalJson } from '../deep.ts';
import { goQuote } from '../go-format.ts';
import { type Parsed, parsed, unparsable } from '../parsed.ts';
import { type FieldPath, type FieldSet, isEmptySet } from './field-set.ts';

interface FieldsV1 {
  readonly [element: string]: FieldsV1;
}

function sorted(set: FieldSet): readonly string[] {
  return [...new Set([...set.members, ...set.children.keys()])].sort();
}

/** A set as `managedFields[].fieldsV1` on the wire. */
export function encodeFields(set: FieldSet): FieldsV1 {
  const result: Record<string, FieldsV1> = {};
  for (const element of sorted(set)) result[element] = encodeElement(set, element);
  return result;
}

function encodeElement(set: FieldSet, element: string): FieldsV1 {
  const below = set.children.get(element);
  if (below === undefined) return {};
  return set.members.has(element) ? { '.': {}, ...encodeFields(below) } : encodeFields(below);
}

/** One spelling for each element: keys sorted, no white space. */
function canonicalElement(element: string): string | undefined {
  const kind = element.slice(0, 2);
  if (kind === 'f:') return element;
  if (kind === 'i:') return /^i:-?\d+$/.test(element) ? element : undefined;
  if (kind !== 'k:' && kind !== 'v:') return undefined;
  try {
    return kind + canonicalJson(JSON.parse(element.slice(2)));
  } catch {
    return undefined;
  }
}

function decodeLevel(fields: object, depth: number): Parsed<FieldSet> {
  const members = new Set<string>();
  const children = new Map<string, FieldSet>();
  for (const [name, value] of Object.entries(fields)) {
    if (name === '.') continue;
    const element = canonicalElement(name);
    if (element === undefined || typeof value !== 'object' || value === null || depth > 500) {
      return unparsable(`invalid path element ${goQuote(name)}`);
    }
    const below = decodeLevel(value, depth + 1);
    if (!below.ok) return below;
    if (!isEmptySet(below.value)) children.set(element, below.value);
    if (isEmptySet(below.value) || '.' in value) members.add(element);
  }
  return parsed({ members, children });
}

/** Reads `fieldsV1`. */
export function decodeFields(fields: object | undefined): Parsed<FieldSet> {
  return decodeLevel(fields ?? {}, 0);
}

function printKey(json: string): string {
  const keys: { readonly [name: string]: unknown } = JSON.parse(json);
  const parts = Object.keys(keys)
    .sort()
    .map((name) => `${name}=${printScalar(keys[name])}`);
  return `[${parts.join(',')}]`;
}

function printScalar(value: unknown): string {
  return typeof value === 'string' ? goQuote(value) : JSON.stringify(value);
}

/** A path as conflicts show it: `.spec.containers[name="a"].image`. */
export function printFieldPath(path: FieldPath): string {
  return path
    .map((element) => {
      const rest = element.slice(2);
      if (element.startsWith('f:')) return `.${rest}`;
      if (element.startsWith('k:')) return printKey(rest);
      return element.startsWith('v:') ? `[=${printScalar(JSON.parse(rest))}]` : `[${rest}]`;
    })
    .join('');
}
