import { pino } from 'pino';
import { createLogStream, type LogStream, logFormatFor } from '../../systemd/log-stream.ts';
import { createNativeStream, loadNativeJournal } from '../../systemd/native-journal.ts';

/** The house's log: structured fields first, then a static message. */
export type Logger = pino.Logger;

/** A log that fits where standard output leads: the journal (with real fields where it can), a terminal, or a machine. */
export async function createLogger(level: string, environment: { readonly JOURNAL_STREAM?: string }): Promise<Logger> {
  return pino({ level, base: null }, await destination(environment));
}

async function destination(environment: { readonly JOURNAL_STREAM?: string }): Promise<LogStream> {
  const format = logFormatFor(environment, process.stdout.isTTY);
  const native = format === 'journal' ? await loadNativeJournal('quadshift') : undefined;
  return native ? createNativeStream(native) : createLogStream(format, process.stdout);
}
