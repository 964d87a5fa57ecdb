// Dates without a clock: the pure layers take milliseconds since 1970 as a parameter.

const DAY = 86_400_000;
const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)$/;

/** Days since 1970-01-01 of a proleptic Gregorian date (Howard Hinnant's civil calendar arithmetic). */
function daysFromCivil(year: number, month: number, day: number): number {
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** The proleptic Gregorian date of a day that is so many days after 1970-01-01. */
export function civilFromDays(days: number): readonly [year: number, month: number, day: number] {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const mp = Math.floor((5 * dayOfYear + 2) / 153);
  const month = mp < 10 ? mp + 3 : mp - 9;
  return [yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - Math.floor((153 * mp + 2) / 5) + 1];
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, '0');
}

function dateAndTime(ms: number): string {
  const days = Math.floor(ms / DAY);
  const seconds = Math.floor((ms - days * DAY) / 1000);
  const [year, month, day] = civilFromDays(days);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
    .map((n) => pad(n, 2))
    .join(':');
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${clock}`;
}

/** `metav1.Time`: RFC 3339 in UTC with whole seconds (cut, not rounded). */
export function formatTime(ms: number): string {
  return `${dateAndTime(ms)}Z`;
}

/** `metav1.MicroTime`: RFC 3339 in UTC with six places. `micros` adds to the milliseconds, 0–999. */
export function formatMicroTime(ms: number, micros = 0): string {
  const rest = ((Math.floor(ms) % 1000) + 1000) % 1000;
  return `${dateAndTime(ms)}.${pad(rest, 3)}${pad(micros, 3)}Z`;
}

function offsetOf(zone: string): number {
  if (zone === 'Z' || zone === 'z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

function inRange(month: number, day: number, hour: number, minute: number): boolean {
  return month >= 1 && month <= 12 && day >= 1 && hour <= 23 && minute <= 59;
}

/** Milliseconds of an RFC 3339 time (finer digits are cut); undefined when it isn't one. */
export function parseTime(text: string): number | undefined {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  if (!inRange(month, day, hour, minute) || second > 59) return undefined;
  const days = daysFromCivil(year, month, day);
  if (civilFromDays(days)[2] !== day) return undefined;
  const millis = Number((match[7] ?? '').padEnd(3, '0').slice(0, 3));
  return days * DAY + ((hour * 60 + minute) * 60 + second) * 1000 + millis - offsetOf(match[8] ?? 'Z');
}

/** The time as `metav1.Time` writes it back: UTC, whole seconds. Undefined when it isn't a time. */
export function canonicalTime(text: string): string | undefined {
  const ms = parseTime(text);
  return ms === undefined ? undefined : formatTime(ms);
}

/** The time as `metav1.MicroTime` writes it back: UTC, six places. Undefined when it isn't a time. */
export function canonicalMicroTime(text: string): string | undefined {
  const ms = parseTime(text);
  if (ms === undefined) return undefined;
  const micros = /\.\d{3}(\d{1,3})/.exec(text)?.[1] ?? '';
  return formatMicroTime(ms, Number(micros.padEnd(3, '0')));
}

function withRest(whole: number, unit: string, rest: number, restUnit: string): string {
  return rest === 0 ? `${whole}${unit}` : `${whole}${unit}${rest}${restUnit}`;
}

function humanDays(hours: number): string {
  const days = Math.floor(hours / 24);
  if (hours < 24 * 8) return withRest(days, 'd', hours % 24, 'h');
  if (hours < 24 * 365 * 2) return `${days}d`;
  if (hours < 24 * 365 * 8) return withRest(Math.floor(days / 365), 'y', days % 365, 'd');
  return `${Math.floor(days / 365)}y`;
}

/** kubectl's `duration.HumanDuration` of a span in milliseconds: `5m12s`, `3d4h`, `2y85d`. */
export function humanDuration(ms: number): string {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < -1) return '<invalid>';
  if (seconds < 0) return '0s';
  if (seconds < 120) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return withRest(minutes, 'm', seconds % 60, 's');
  if (minutes < 180) return `${minutes}m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 8) return withRest(hours, 'h', minutes % 60, 'm');
  return hours < 48 ? `${hours}h` : humanDays(hours);
}

/** The age column: how long ago `timestamp` was at `now` (ms); `<unknown>` without one. */
export function humanAge(timestamp: string | undefined, now: number): string {
  const ms = timestamp === undefined ? undefined : parseTime(timestamp);
  return ms === undefined ? '<unknown>' : humanDuration(now - ms);
}
