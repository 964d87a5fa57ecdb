import { goQuote } from '../go-format.ts';
import { type Parsed, parsed, unparsable } from '../parsed.ts';

/** The values that a field may take, and names for some of them. */
export interface FieldBounds {
  readonly first: number;
  readonly last: number;
  readonly names?: readonly string[];
}

/** One field of a schedule: its values in order, and whether it leaves the choice to the other day field. */
export interface CronField {
  readonly values: readonly number[];
  /** `*` or `?` without a step: for days this makes the other field decide alone. */
  readonly any: boolean;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

/** The five fields of a schedule, in order. */
export const CRON_FIELDS = {
  minute: { first: 0, last: 59 },
  hour: { first: 0, last: 23 },
  day: { first: 1, last: 31 },
  month: { first: 1, last: 12, names: MONTHS },
  weekday: { first: 0, last: 6, names: WEEKDAYS },
} as const satisfies { readonly [name: string]: FieldBounds };

function integer(text: string): Parsed<number> {
  if (!/^[-+]?\d+$/.test(text)) {
    const why = `strconv.Atoi: parsing ${goQuote(text)}: invalid syntax`;
    return unparsable(`failed to parse int from ${text}: ${why}`);
  }
  const value = Number(text);
  return value < 0 ? unparsable(`negative number (${value}) not allowed: ${text}`) : parsed(value);
}

function parseValue(text: string, { first, names = [] }: FieldBounds): Parsed<number> {
  const position = names.indexOf(text.toLowerCase());
  return position >= 0 ? parsed(first + position) : integer(text);
}

interface Span {
  readonly start: number;
  readonly end: number;
  readonly any: boolean;
  /** Written as one value: a step then counts up to the end. */
  readonly single: boolean;
}

function parseSpan(text: string, expression: string, bounds: FieldBounds): Parsed<Span> {
  const [low = '', high, ...more] = text.split('-');
  if (low === '*' || low === '?') {
    return parsed({ start: bounds.first, end: bounds.last, any: true, single: high === undefined });
  }
  const start = parseValue(low, bounds);
  if (!start.ok) return start;
  if (high === undefined) return parsed({ start: start.value, end: start.value, any: false, single: true });
  if (more.length > 0) return unparsable(`too many hyphens: ${expression}`);
  const end = parseValue(high, bounds);
  return end.ok ? parsed({ start: start.value, end: end.value, any: false, single: false }) : end;
}

function misfit(start: number, end: number, { first, last }: FieldBounds): string | undefined {
  if (start < first) return `beginning of range (${start}) below minimum (${first})`;
  if (end > last) return `end of range (${end}) above maximum (${last})`;
  return start > end ? `beginning of range (${start}) beyond end of range (${end})` : undefined;
}

function parseRange(expression: string, bounds: FieldBounds): Parsed<CronField> {
  const [text = '', stepText, ...more] = expression.split('/');
  const span = parseSpan(text, expression, bounds);
  if (!span.ok) return span;
  if (more.length > 0) return unparsable(`too many slashes: ${expression}`);
  const step = stepText === undefined ? parsed(1) : integer(stepText);
  if (!step.ok) return step;
  const { start, any, single } = span.value;
  const end = stepText !== undefined && single ? bounds.last : span.value.end;
  const problem = misfit(start, end, bounds);
  if (problem !== undefined) return unparsable(`${problem}: ${expression}`);
  if (step.value === 0) return unparsable(`step of range should be a positive number: ${expression}`);
  const count = Math.floor((end - start) / step.value) + 1;
  const values = Array.from({ length: count }, (_, i) => start + i * step.value);
  return parsed({ values, any: any && step.value === 1 });
}

/** Parses one field: a list of values, names, ranges and steps. Messages are those of upstream's cron library. */
export function parseCronField(text: string, bounds: FieldBounds): Parsed<CronField> {
  const values = new Set<number>();
  let any = false;
  for (const part of text.split(',').filter((p) => p !== '')) {
    const range = parseRange(part, bounds);
    if (!range.ok) return range;
    for (const value of range.value.values) values.add(value);
    any ||= range.value.any;
  }
  return parsed({ values: [...values].sort((a, b) => a - b), any });
}
