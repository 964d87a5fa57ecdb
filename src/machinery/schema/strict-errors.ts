import { goQuote } from '../go-format.ts';

/** Keys that stand twice in a body. */
export interface Duplicates {
  /** Their paths, where the text was JSON. */
  readonly paths: readonly string[];
  /** The sentences of the YAML library, where it was YAML: they know lines, not paths. */
  readonly lines: readonly string[];
  /** Finished sentences, where the text was a JSON patch. */
  readonly sentences?: readonly string[];
}

/** A body without twice-written keys. */
export const NO_DUPLICATES: Duplicates = { paths: [], lines: [] };

/** What strict decoding found beside the value. */
export interface StrictFindings {
  readonly unknown: readonly string[];
  readonly duplicates: Duplicates;
}

interface Finding {
  readonly path: string;
  readonly sentence: string;
}

const STEPS = /[^.[\]]+/g;

function isBelow(path: string, parent: string): boolean {
  return path === parent || path.startsWith(`${parent}.`) || path.startsWith(`${parent}[`);
}

/** Where a path stands in the text, level by level: the keys of an object are in the text's order. */
function placeOf(body: unknown, path: string): readonly number[] {
  const places: number[] = [];
  let value = body;
  for (const step of path.match(STEPS) ?? []) {
    if (typeof value !== 'object' || value === null) break;
    places.push(Array.isArray(value) ? Number(step) : Object.keys(value).indexOf(step));
    value = (value as { readonly [key: string]: unknown })[step];
  }
  return places;
}

function comparePlaces(a: readonly number[], b: readonly number[]): number {
  const level = a.findIndex((place, index) => place !== b[index]);
  return level < 0 ? a.length - b.length : (a[level] ?? 0) - (b[level] ?? 0);
}

/** Findings by path in the order in which a reader of the body meets them. What is unknown isn't looked into. */
function inOrder(body: unknown, { unknown, duplicates }: StrictFindings): readonly string[] {
  const twice = duplicates.paths.filter((path) => !unknown.some((parent) => isBelow(path, parent)));
  const found: readonly Finding[] = [
    ...twice.map((path) => ({ path, sentence: `duplicate field ${goQuote(path)}` })),
    ...unknown.map((path) => ({ path, sentence: `unknown field ${goQuote(path)}` })),
  ];
  if (twice.length === 0 || unknown.length === 0) return found.map(({ sentence }) => sentence);
  return found
    .map((finding) => ({ ...finding, place: placeOf(body, finding.path) }))
    .sort((a, b) => comparePlaces(a.place, b.place))
    .map(({ sentence }) => sentence);
}

/** The findings as `Warning:` headers say them (`fieldValidation=Warn`). */
export function strictFindings(body: unknown, findings: StrictFindings): readonly string[] {
  const { lines, sentences = [] } = findings.duplicates;
  return [...lines, ...sentences, ...inOrder(body, findings)];
}

/** `strict decoding error: unknown field "spec.foo"`, or undefined when nothing was found. */
export function strictDecodingError(body: unknown, findings: StrictFindings): string | undefined {
  const { lines, sentences = [] } = findings.duplicates;
  const complaint = lines.length === 0 ? [] : [`yaml: unmarshal errors:\n  ${lines.join('\n  ')}`];
  const all = [...complaint, ...sentences, ...inOrder(body, findings)];
  return all.length === 0 ? undefined : `strict decoding error: ${all.join(', ')}`;
}
