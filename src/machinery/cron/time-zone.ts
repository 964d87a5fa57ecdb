import type { Zone } from './cron-times.ts';

/** `GMT`, `GMT+05:30` and, long ago, `GMT-00:01:15`. */
const OFFSET = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?/;

function formatterOf(name: string | undefined): Intl.DateTimeFormat | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name, timeZoneName: 'longOffset' });
  } catch {
    return undefined;
  }
}

function parseOffset(text: string): number {
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = OFFSET.exec(text) ?? [];
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000;
  return sign === '-' ? -ms : ms;
}

/**
 * The time zone of that name in the machine's data, `Europe/Berlin`; the machine's own without a name. Undefined when
 * there is none of that name.
 */
export function timeZone(name: string | undefined): Zone | undefined {
  const formatter = formatterOf(name);
  return formatter && { offsetAt: (ms) => parseOffset(formatter.format(ms)) };
}
