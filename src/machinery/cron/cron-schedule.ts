import { goQuote } from '../go-format.ts';
import { type Parsed, parsed, unparsable } from '../parsed.ts';
import { CRON_FIELDS, type CronField, parseCronField } from './cron-field.ts';

/** When something runs: at times of the wall clock, or every so many seconds. */
export type CronSchedule =
  | {
      readonly type: 'calendar';
      readonly minute: CronField;
      readonly hour: CronField;
      readonly day: CronField;
      readonly month: CronField;
      /** 0 is Sunday. */
      readonly weekday: CronField;
    }
  | { readonly type: 'every'; readonly seconds: number };

const MACROS: { readonly [macro: string]: string } = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

const EVERY = '@every ';
const UNITS: { readonly [unit: string]: number } = {
  ns: 1e-9,
  us: 1e-6,
  µs: 1e-6,
  μs: 1e-6,
  ms: 1e-3,
  s: 1,
  m: 60,
  h: 3600,
};

/** Seconds of a Go duration such as `1h30m`; undefined when it isn't one. */
function durationSeconds(text: string): number | undefined {
  if (/^[-+]?0$/.test(text)) return 0;
  if (!/^[-+]?(\d+\.?\d*(ns|us|µs|μs|ms|s|m|h)|\.\d+(ns|us|µs|μs|ms|s|m|h))+$/u.test(text)) return undefined;
  const parts = text.matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/gu);
  const seconds = [...parts].reduce((sum, [, number, unit = '']) => sum + Number(number) * (UNITS[unit] ?? 0), 0);
  return text.startsWith('-') ? -seconds : seconds;
}

function parseEvery(text: string): Parsed<CronSchedule> {
  const duration = text.slice(EVERY.length);
  const seconds = durationSeconds(duration);
  if (seconds === undefined) {
    return unparsable(`failed to parse duration ${text}: time: invalid duration ${goQuote(duration)}`);
  }
  return parsed({ type: 'every', seconds: Math.max(1, Math.floor(seconds)) });
}

function parseFields(text: string): Parsed<CronSchedule> {
  const fields = text.split(/\s+/u).filter((field) => field !== '');
  if (fields.length !== 5) {
    return unparsable(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`);
  }
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields;
  const results = {
    minute: parseCronField(minute, CRON_FIELDS.minute),
    hour: parseCronField(hour, CRON_FIELDS.hour),
    day: parseCronField(day, CRON_FIELDS.day),
    month: parseCronField(month, CRON_FIELDS.month),
    weekday: parseCronField(weekday, CRON_FIELDS.weekday),
  };
  const failed = Object.values(results).find((result) => !result.ok);
  if (failed !== undefined && !failed.ok) return failed;
  const none = { values: [], any: false };
  const value = (result: Parsed<CronField>): CronField => (result.ok ? result.value : none);
  return parsed({
    type: 'calendar',
    minute: value(results.minute),
    hour: value(results.hour),
    day: value(results.day),
    month: value(results.month),
    weekday: value(results.weekday),
  });
}

/**
 * Parses `spec.schedule` of a CronJob as upstream's library (robfig/cron, ParseStandard): five fields, `@hourly` and
 * the like, `@every 1h30m`. Messages are the library's. A time zone in the text isn't understood.
 */
export function parseCronSchedule(text: string): Parsed<CronSchedule> {
  if (text === '') return unparsable('empty spec string');
  const trimmed = text.trim();
  if (!text.startsWith('@')) return parseFields(trimmed);
  if (text.startsWith(EVERY)) return parseEvery(text);
  const macro = MACROS[text];
  return macro === undefined ? unparsable(`unrecognized descriptor: ${text}`) : parseFields(macro);
}
