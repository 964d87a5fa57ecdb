import { goQuote } from '../../go-format.ts';
import { compilePattern, type GoPattern } from '../../go-pattern.ts';
import { type Overload, overload } from '../overload.ts';
import { CelError } from '../values.ts';
import { formatText } from './format-text.ts';

const tenth = (...texts: readonly string[]): number => texts.reduce((sum, text) => sum + text.length, 0) / 10;
/** Cost of a regular expression: every character against every step of the pattern. */
const matching = (text: string, pattern: string): number => ((text.length + 1) / 10) * (pattern.length / 4);

/** The compiled pattern. Throws CelError. */
function patternOf(pattern: string): GoPattern {
  const compiled = compilePattern(pattern);
  if (!compiled.ok) throw new CelError(compiled.message);
  return compiled.value;
}

function everyMatch(text: string, pattern: string, limit: bigint): readonly string[] {
  const found = patternOf(pattern).findAll(text);
  return limit < 0n ? found : found.slice(0, Number(limit));
}

/** Positions are counted in code points. Throws CelError beyond the ends. */
function sliced(text: string, from: bigint, to?: bigint): string {
  const characters = [...text];
  const end = to === undefined ? BigInt(characters.length) : to;
  if (from < 0n || from > BigInt(characters.length)) throw new CelError(`index out of range: ${from}`);
  if (end < 0n || end > BigInt(characters.length)) throw new CelError(`index out of range: ${end}`);
  if (from > end) throw new CelError(`invalid substring range. start: ${from}, end: ${end}`);
  return characters.slice(Number(from), Number(end)).join('');
}

function codePoints(text: string, units: number): bigint {
  return units < 0 ? -1n : BigInt([...text.slice(0, units)].length);
}

function indexOf(text: string, part: string, from = 0n): bigint {
  const characters = [...text];
  if (from < 0n || from > BigInt(characters.length)) throw new CelError(`index out of range: ${from}`);
  const skipped = characters.slice(0, Number(from)).join('').length;
  return codePoints(text, text.indexOf(part, skipped));
}

function lastIndexOf(text: string, part: string, from?: bigint): bigint {
  const characters = [...text];
  if (from === undefined) return codePoints(text, text.lastIndexOf(part));
  if (from < 0n || from > BigInt(characters.length)) throw new CelError(`index out of range: ${from}`);
  return codePoints(text, text.lastIndexOf(part, characters.slice(0, Number(from)).join('').length));
}

function split(text: string, separator: string, limit = -1n): readonly string[] {
  if (limit === 0n) return [];
  const parts = separator === '' ? [...text] : text.split(separator);
  if (limit < 0n || BigInt(parts.length) <= limit) return parts;
  const kept = Number(limit) - 1;
  return [...parts.slice(0, kept), parts.slice(kept).join(separator)];
}

function replace(text: string, from: string, to: string, limit = -1n): string {
  if (limit < 0n) return text.replaceAll(from, () => to);
  let left = limit;
  return text.replaceAll(from, (match) => (left-- > 0n ? to : match));
}

function charAt(text: string, at: bigint): string {
  const characters = [...text];
  if (at < 0n || at > BigInt(characters.length)) throw new CelError(`index out of range: ${at}`);
  return characters[Number(at)] ?? '';
}

const ascii = (text: string, pattern: RegExp, turn: (letter: string) => string): string => text.replace(pattern, turn);

/** Functions of texts: the language's own, its string extensions, and Kubernetes' regular expressions. */
export const strings: readonly Overload[] = [
  overload(
    'string.contains(string): bool',
    (a: string, b: string) => a.includes(b),
    (a, b) => (a.length / 10) * (b.length / 10),
  ),
  overload(
    'string.startsWith(string): bool',
    (a: string, b: string) => a.startsWith(b),
    (_, b) => tenth(b),
  ),
  overload(
    'string.endsWith(string): bool',
    (a: string, b: string) => a.endsWith(b),
    (_, b) => tenth(b),
  ),
  overload('string.matches(string): bool', (a: string, b: string) => patternOf(b).test(a), matching),
  overload('matches(string, string): bool', (a: string, b: string) => patternOf(b).test(a), matching),
  overload('string.find(string): string', (a: string, b: string) => patternOf(b).findAll(a)[0] ?? '', matching),
  overload('string.findAll(string): list<string>', (a: string, b: string) => everyMatch(a, b, -1n), matching),
  overload('string.findAll(string, int): list<string>', everyMatch, matching),
  overload('string.charAt(int): string', charAt),
  overload('string.indexOf(string): int', (a: string, b: string) => indexOf(a, b), tenth),
  overload('string.indexOf(string, int): int', indexOf, (a, b) => tenth(a, b)),
  overload('string.lastIndexOf(string): int', (a: string, b: string) => lastIndexOf(a, b), tenth),
  overload('string.lastIndexOf(string, int): int', lastIndexOf, (a, b) => tenth(a, b)),
  overload('string.lowerAscii(): string', (a: string) => ascii(a, /[A-Z]/g, (c) => c.toLowerCase()), tenth),
  overload('string.upperAscii(): string', (a: string) => ascii(a, /[a-z]/g, (c) => c.toUpperCase()), tenth),
  overload('string.replace(string, string): string', (a: string, b: string, c: string) => replace(a, b, c), tenth),
  overload('string.replace(string, string, int): string', replace, (a, b, c) => tenth(a, b, c)),
  overload('string.split(string): list<string>', (a: string, b: string) => split(a, b), tenth),
  overload('string.split(string, int): list<string>', split, (a) => tenth(a)),
  overload(
    'string.substring(int): string',
    (a: string, from: bigint) => sliced(a, from),
    (a) => tenth(a),
  ),
  overload('string.substring(int, int): string', sliced, (a) => tenth(a)),
  overload('string.trim(): string', (a: string) => a.trim(), tenth),
  overload('string.reverse(): string', (a: string) => [...a].reverse().join(''), tenth),
  overload('string.format(list<dyn>): string', formatText, (a) => tenth(a)),
  overload('strings::quote(string): string', goQuote, tenth),
  overload(
    'list<string>.join(): string',
    (a: readonly string[]) => a.join(''),
    (a) => tenth(...a),
  ),
  overload(
    'list<string>.join(string): string',
    (a: readonly string[], b: string) => a.join(b),
    (a) => tenth(...a),
  ),
  overload('size(string): int', (a: string) => BigInt([...a].length)),
  overload('string.size(): int', (a: string) => BigInt([...a].length)),
];
