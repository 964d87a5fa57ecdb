import { type LogStream, priorityOf } from './log-stream.ts';

/** syslog(3) level names in the order of their priorities, as systemd-journald(npm) names its methods. */
const LEVELS = ['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug'] as const;

type Fields = { readonly [field: string]: string };

/** The part of systemd-journald(npm) that we use: one method a level; fields become upper case there. */
export type NativeJournal = { readonly [level in (typeof LEVELS)[number]]: (message: string, fields: Fields) => void };

interface JournaldModule {
  readonly default: new (defaults: Fields) => NativeJournal;
}

/**
 * The native writer, which gives journal entries real fields; undefined where the package isn't installed, as it
 * needs a compiler and libsystemd's headers on the machine that installs it. `load` is for tests.
 */
export async function loadNativeJournal(
  identifier: string,
  load: () => Promise<unknown> = importNative,
): Promise<NativeJournal | undefined> {
  try {
    const { default: Journald } = (await load()) as JournaldModule;
    return new Journald({ syslog_identifier: identifier });
  } catch {
    return undefined;
  }
}

/** A variable keeps the type checker and the bundler from looking for a package that may be absent. */
function importNative(): Promise<unknown> {
  const name = 'systemd-journald';
  return import(name);
}

/** A destination for pino: one entry a line, structured fields as journal fields. */
export function createNativeStream(journal: NativeJournal): LogStream {
  return {
    write: (line) => {
      const {
        level,
        msg,
        time: _time,
        pid: _pid,
        hostname: _host,
        ...fields
      }: { [key: string]: unknown } = JSON.parse(line);
      journal[LEVELS[priorityOf(Number(level))] ?? 'info'](String(msg ?? ''), fieldsOf(fields));
    },
  };
}

/** `retryMs` → `retry_ms`: what the package makes upper case. */
function fieldsOf(fields: { readonly [key: string]: unknown }): Fields {
  const entries = Object.entries(fields).map(([key, value]) => {
    const name = key.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]/g, '_');
    return [name.toLowerCase(), typeof value === 'string' ? value : (JSON.stringify(value) ?? '')];
  });
  return Object.fromEntries(entries);
}
