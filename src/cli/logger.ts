import { pino } from 'pino';
import { createLogStream, logFormatFor } from '../../systemd/log-stream.ts';

/** The house's log: structured fields first, then a static message. */
export type Logger = pino.Logger;

/** A log that fits where standard output leads: the journal, a terminal, or a machine. */
export function createLogger(level: string, environment: { readonly JOURNAL_STREAM?: string }): Logger {
  const format = logFormatFor(environment, process.stdout.isTTY);
  return pino({ level, base: null }, createLogStream(format, process.stdout));
}
