import { goQuote } from '../machinery/go-format.ts';

interface Bounds {
  readonly min: number;
  readonly max: number;
  /** Names of the values from `min` on. */
  readonly names?: readonly string[];
}

const FIELDS: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'] },
  { min: 0, max: 6, names: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
];
const DESCRIPTORS = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];
const DURATION = /^[-+]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

/** A number, or what is wrong with it. */
type Read = number | string;

function readNumber(text: string, expression: string): Read {
  if (!/^[-+]?\d+$/.test(text)) {
    const reason = `strconv.Atoi: parsing ${goQuote(text)}: invalid syntax`;
    return `failed to parse int from ${expression}: ${reason}`;
  }
  const number = Number(text);
  return number < 0 ? `negative number (${number}) not allowed: ${expression}` : number;
}

function readValue(text: string, { min, names = [] }: Bounds): Read {
  const position = names.indexOf(text.toLowerCase());
  return position >= 0 ? min + position : readNumber(text, text);
}

interface Range {
  readonly start: Read;
  readonly end: Read;
  readonly single: boolean;
}

function readRange(text: string, expression: string, bounds: Bounds): Range | string {
  const [low = '', high, ...more] = text.split('-');
  if (low === '*' || low === '?') return { start: bounds.min, end: bounds.max, single: high === undefined };
  if (more.length > 0) return `too many hyphens: ${expression}`;
  const start = readValue(low, bounds);
  return { start, end: high === undefined ? start : readValue(high, bounds), single: high === undefined };
}

function outOfRange(start: number, end: number, { expression, bounds }: { expression: string; bounds: Bounds }) {
  if (start < bounds.min) return `beginning of range (${start}) below minimum (${bounds.min}): ${expression}`;
  if (end > bounds.max) return `end of range (${end}) above maximum (${bounds.max}): ${expression}`;
  return start > end ? `beginning of range (${start}) beyond end of range (${end}): ${expression}` : undefined;
}

/** `*`, `5`, `1-5`, `* /2`, `1-10/3`. */
function checkExpression(expression: string, bounds: Bounds): string | undefined {
  const [range = '', step, ...more] = expression.split('/');
  const read = readRange(range, expression, bounds);
  if (typeof read === 'string') return read;
  const { start, end } = read;
  if (typeof start === 'string') return start;
  if (typeof end === 'string') return end;
  if (more.length > 0) return `too many slashes: ${expression}`;
  const every = step === undefined ? 1 : readNumber(step, expression);
  if (typeof every === 'string') return every;
  const last = step !== undefined && read.single ? bounds.max : end;
  const outside = outOfRange(start, last, { expression, bounds });
  return outside ?? (every === 0 ? `step of range should be a positive number: ${expression}` : undefined);
}

function checkDescriptor(text: string): string | undefined {
  if (DESCRIPTORS.includes(text)) return undefined;
  if (!text.startsWith('@every ')) return `unrecognized descriptor: ${text}`;
  const duration = text.slice('@every '.length);
  if (DURATION.test(duration)) return undefined;
  return `failed to parse duration ${text}: time: invalid duration ${goQuote(duration)}`;
}

/** What is wrong with a schedule in cron's five fields, in the words of the parser that upstream uses; undefined when it is fine. */
export function checkSchedule(schedule: string): string | undefined {
  if (schedule === '') return 'empty spec string';
  if (schedule.startsWith('@')) return checkDescriptor(schedule);
  const fields = schedule.split(/\s+/).filter((field) => field !== '');
  if (fields.length !== FIELDS.length) {
    return `expected exactly ${FIELDS.length} fields, found ${fields.length}: [${fields.join(' ')}]`;
  }
  for (const [position, bounds] of FIELDS.entries()) {
    const expressions = (fields[position] ?? '').split(',').filter((expression) => expression !== '');
    const wrong = expressions.map((expression) => checkExpression(expression, bounds)).find((each) => each);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

/** Whether the machine's time zone data has a zone of that name. */
export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
