import { printPath } from './decode-context.ts';

/** A JSON text's value, with the paths of keys that stand twice in one object (the last one counts). */
export type StrictJson =
  | { readonly ok: true; readonly value: unknown; readonly duplicates: readonly string[] }
  | { readonly ok: false; readonly message: string };

interface Frame {
  /** Keys seen; undefined for a list. */
  readonly keys: Set<string> | undefined;
  index: number;
}

/** Keys, strings and structure of a text that is known to be JSON; everything else is of no interest. */
const TOKENS = /"((?:[^"\\]|\\.)*)"(\s*:)?|[[\]{},]/g;

function readKey(raw: string): string {
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw;
}

/** Deeper texts are refused (Go's limit is 10000): what walks objects by recursion stays far from its stack's end. */
const MAX_DEPTH = 1000;

class TooDeepError extends Error {}

class DuplicateFinder {
  readonly duplicates = new Set<string>();
  readonly frames: Frame[] = [];
  readonly segments: (string | number)[] = [];

  open(isObject: boolean): void {
    if (this.frames.length >= MAX_DEPTH) throw new TooDeepError('exceeded max depth');
    this.frames.push({ keys: isObject ? new Set() : undefined, index: 0 });
    this.segments.push(isObject ? '' : 0);
  }

  close(): void {
    this.frames.pop();
    this.segments.pop();
  }

  comma(): void {
    const frame = this.frames.at(-1);
    if (frame === undefined || frame.keys !== undefined) return;
    frame.index++;
    this.segments[this.segments.length - 1] = frame.index;
  }

  key(name: string): void {
    const keys = this.frames.at(-1)?.keys;
    this.segments[this.segments.length - 1] = name;
    if (keys?.has(name)) this.duplicates.add(printPath(this.segments));
    keys?.add(name);
  }
}

function findDuplicates(text: string): readonly string[] {
  const finder = new DuplicateFinder();
  for (const [token, string, colon] of text.matchAll(TOKENS)) {
    if (colon !== undefined) finder.key(readKey(string ?? ''));
    else if (token === '{' || token === '[') finder.open(token === '{');
    else if (token === '}' || token === ']') finder.close();
    else if (token === ',') finder.comma();
  }
  return [...finder.duplicates];
}

/** Go's sentence for a broken text, as far as the engine's own message tells where it breaks. */
function syntaxMessage(text: string, error: unknown): string {
  if (error instanceof TooDeepError) return error.message;
  const message = error instanceof Error ? error.message : '';
  const position = /position (\d+)/.exec(message)?.[1];
  const token = /Unexpected token '(.)'/su.exec(message)?.[1] ?? (position && text.charAt(Number(position)));
  if (text.trim() === '' || !token || /end of JSON input/.test(message)) return 'unexpected end of JSON input';
  return `invalid character '${token}' ${placeOf(message)}`;
}

function placeOf(message: string): string {
  if (message.includes("':'")) return 'after object key';
  if (message.includes('property name')) return 'looking for beginning of object key string';
  if (message.includes("',' or '}'")) return 'after object key:value pair';
  if (message.includes("',' or ']'")) return 'after array element';
  if (message.includes('after JSON')) return 'after top-level value';
  return message.includes('control character') ? 'in string literal' : 'looking for beginning of value';
}

/** Parses JSON and finds duplicate keys, as strict decoding reports them: `duplicate field "spec.replicas"`. */
export function parseJsonStrict(text: string): StrictJson {
  try {
    return { ok: true, value: JSON.parse(text), duplicates: findDuplicates(text) };
  } catch (error) {
    return { ok: false, message: syntaxMessage(text, error) };
  }
}
