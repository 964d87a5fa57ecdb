import { type Parsed, parsed, unparsable } from '../parsed.ts';
import { isFields } from './schema.ts';

/** One step of a path. */
type Step =
  | { readonly field: string }
  | { readonly index: number }
  | { readonly all: true }
  | { readonly where: readonly Step[]; readonly operator: string; readonly value: unknown };

/** A path of client-go's JSONPath, as far as columns and selectable fields may use it. */
export type JsonPath = readonly Step[];

const FILTER = /^\?\(\s*@((?:\.[\w-]+|\['[^']*'\])*)\s*(?:(==|!=|<=|>=|<|>)\s*("[^"]*"|'[^']*'|[-\w.]+))?\s*\)$/;

function literal(text: string): unknown {
  if (/^["']/.test(text)) return text.slice(1, -1);
  if (text === 'true' || text === 'false') return text === 'true';
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

function parseBracket(text: string): Step | undefined {
  if (text === '*') return { all: true };
  if (/^-?\d+$/.test(text)) return { index: Number(text) };
  if (/^(['"]).*\1$/s.test(text)) return { field: text.slice(1, -1).replace(/\\(.)/g, '$1') };
  const filter = FILTER.exec(text);
  if (filter === null) return undefined;
  const [, path = '', operator = 'exists', value = ''] = filter;
  const where = parseJsonPath(path);
  return where.ok ? { where: where.value, operator, value: literal(value) } : undefined;
}

/** The closing bracket of the one at `start`; brackets and quotes inside are passed over. */
function closing(text: string, start: number): number {
  let quote = '';
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const character = text.charAt(at);
    if (quote !== '') quote = character === quote && text[at - 1] !== '\\' ? '' : quote;
    else if (character === '"' || character === "'") quote = character;
    else if (character === '[') depth++;
    else if (character === ']' && --depth === 0) return at;
  }
  return -1;
}

/** A step and where the text goes on; undefined where it breaks. */
interface Read {
  readonly step: Step | undefined;
  readonly end: number;
}

function readBracket(text: string, at: number): Read | undefined {
  const end = closing(text, at);
  const step = end < 0 ? undefined : parseBracket(text.slice(at + 1, end).trim());
  return step && { step, end: end + 1 };
}

/** A name after a dot; `.` alone is no step. */
function readName(text: string, at: number): Read | undefined {
  const [whole = '', name = ''] = /^\.?((?:\\.|[^.[\]\\])*)/s.exec(text.slice(at)) ?? [];
  if (whole === '') return undefined;
  const step: Step = name === '*' ? { all: true } : { field: name.replace(/\\(.)/gs, '$1') };
  return { step: name === '' ? undefined : step, end: at + whole.length };
}

function stepsFrom(text: string): Parsed<JsonPath> {
  const steps: Step[] = [];
  for (let at = 0; at < text.length; ) {
    const read = text[at] === '[' ? readBracket(text, at) : readName(text, at);
    if (read === undefined) return unparsable(`unrecognized character in action: ${JSON.stringify(text[at])}`);
    if (read.step !== undefined) steps.push(read.step);
    at = read.end;
  }
  return parsed(steps);
}

/** Parses `.spec.replicas`, `.status.conditions[?(@.type=="Ready")].status`, `.metadata.labels['a/b']`. */
export function parseJsonPath(text: string): Parsed<JsonPath> {
  return stepsFrom(text.replace(/^\$/, ''));
}

function compare(left: unknown, operator: string, right: unknown): boolean {
  if (operator === 'exists') return left !== undefined;
  if (operator === '==') return left === right;
  if (operator === '!=') return left !== right;
  if (typeof left !== typeof right || left === undefined) return false;
  const [a, b] = [left as number, right as number];
  if (operator === '<') return a < b;
  if (operator === '<=') return a <= b;
  return operator === '>' ? a > b : a >= b;
}

function take(value: unknown, step: Step): readonly unknown[] {
  if ('field' in step) {
    if (Array.isArray(value)) return value.flatMap((item) => take(item, step));
    return isFields(value) && Object.hasOwn(value, step.field) ? [value[step.field]] : [];
  }
  if ('all' in step) return Array.isArray(value) ? value : isFields(value) ? Object.values(value) : [];
  if (!Array.isArray(value)) return [];
  if ('index' in step) return value.slice(step.index).slice(0, 1);
  return value.filter((item) => compare(readJsonPath(item, step.where)[0], step.operator, step.value));
}

/** Everything that the path leads to. */
export function readJsonPath(value: unknown, path: JsonPath): readonly unknown[] {
  return path.reduce<readonly unknown[]>((found, step) => found.flatMap((each) => take(each, step)), [value]);
}
