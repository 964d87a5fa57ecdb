import { fstatSync } from 'node:fs';

/** How log lines leave: for the journal, for a person, or for a machine. */
export type LogFormat = 'journal' | 'pretty' | 'json';

/** What pino writes to. */
export interface LogStream {
  write(line: string): void;
}

/** The format that fits where stdout leads: the journal under systemd, else a terminal, else something that reads JSON. */
export function logFormatFor(environment: { readonly JOURNAL_STREAM?: string }, isTerminal: boolean): LogFormat {
  if (leadsToJournal(environment.JOURNAL_STREAM)) return 'journal';
  return isTerminal ? 'pretty' : 'json';
}

/** JOURNAL_STREAM names device and inode of the stream; a service's child with another stdout inherits the variable only. */
function leadsToJournal(stream: string | undefined): boolean {
  if (stream === undefined) return false;
  const { dev, ino } = fstatSync(1);
  return stream === `${dev}:${ino}`;
}

/**
 * A destination for pino. For the journal each line gets sd-daemon(3)'s `<N>` priority, the message comes first and
 * the fields follow as `key=value`, so that `journalctl -p err` and a reader both get what they want; a native
 * module for real journal fields would need a compiler on the user's machine.
 */
export function createLogStream(format: LogFormat, sink: { write(text: string): unknown }): LogStream {
  if (format === 'json') return { write: (line) => void sink.write(line) };
  const render = format === 'journal' ? journalText : prettyText;
  return { write: (line) => void sink.write(render(parseLine(line))) };
}

interface LogLine {
  readonly level: number;
  /** ms since the epoch. */
  readonly time: number;
  readonly text: string;
  /** Of an error, line by line. */
  readonly stack: readonly string[];
}

function parseLine(line: string): LogLine {
  const {
    level,
    time,
    msg,
    pid: _pid,
    hostname: _hostname,
    err,
    ...fields
  }: { [key: string]: unknown } = JSON.parse(line);
  const error = isRecord(err) ? err : {};
  const words = Object.entries({ ...fields, ...(isRecord(err) ? { error: error['message'] } : {}) });
  const message = typeof msg === 'string' ? [msg] : [];
  return {
    level: typeof level === 'number' ? level : 30,
    time: typeof time === 'number' ? time : 0,
    text: [...message, ...words.map(([key, value]) => `${key}=${wordOf(value)}`)].join(' '),
    stack: typeof error['stack'] === 'string' ? error['stack'].split('\n').slice(1) : [],
  };
}

function isRecord(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null;
}

const wordOf = (value: unknown): string =>
  typeof value === 'string' && /^[^\s"=]+$/.test(value) ? value : (JSON.stringify(value) ?? 'undefined');

function journalText(line: LogLine): string {
  const prefix = `<${priorityOf(line.level)}>`;
  return [...line.text.split('\n'), ...line.stack].map((text) => `${prefix}${text}\n`).join('');
}

function prettyText(line: LogLine): string {
  const clock = new Date(line.time).toISOString().slice(11, 23);
  return [`${clock} ${labelOf(line.level)} ${line.text}`, ...line.stack].map((text) => `${text}\n`).join('');
}

/** syslog(3) priorities: fatal 2, error 3, warning 4, info 6, debug and trace 7. */
export function priorityOf(level: number): number {
  if (level >= 60) return 2;
  if (level >= 50) return 3;
  if (level >= 40) return 4;
  return level >= 30 ? 6 : 7;
}

function labelOf(level: number): string {
  if (level >= 60) return 'FATAL';
  if (level >= 50) return 'ERROR';
  if (level >= 40) return 'WARN ';
  return level >= 30 ? 'INFO ' : 'DEBUG';
}
