import { access, readdir, readFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { join } from 'node:path';
import type { RunEnd, RunIncident, RunReader, RunRecord } from '../controllers/pod-status/facts.ts';

/** Reads what units leave of containers' runs below `<pods>/<uid>/containers/<name>/` (`container-ended` writes it). */
export function createRunReader(pods: string): RunReader {
  return {
    read: async (uid) => {
      const names = await readdir(join(pods, uid, 'containers')).catch(orAbsent([]));
      const records = names.map(async (name) => [name, await readRecord(join(pods, uid), name)] as const);
      return Object.fromEntries(await Promise.all(records));
    },
    isOverdue: (uid) => exists(join(pods, uid, 'containers', 'deadline-exceeded')),
  };
}

function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, orAbsent(false));
}

/** Of a container that has only just begun nothing is left yet, which is one look at its folder. */
async function readRecord(folder: string, name: string): Promise<RunRecord> {
  const left = await readdir(join(folder, 'containers', name)).catch(orAbsent<readonly string[]>([]));
  const text = async (file: string) =>
    left.includes(file)
      ? readFile(join(folder, 'containers', name, file), 'utf8').catch(orAbsent(undefined))
      : undefined;
  const [ended, incident, restarts] = await Promise.all([text('ended'), text('incident'), text('restarts')]);
  const isFinal = ended !== undefined && (await exists(join(folder, 'completed', name)));
  return {
    ...(ended === undefined ? {} : { end: parseEnd(ended, isFinal) }),
    ...(restarts === undefined ? {} : { restarts: Number(restarts) }),
    ...(incident === undefined ? {} : { incident: parseIncident(incident) }),
  };
}

/** The value of a `KEY=value` line; '' without one. */
function lineValue(text: string, key: string): string {
  return new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1] ?? '';
}

function parseEnd(text: string, isFinal: boolean): RunEnd {
  const decoded = (key: string) => Buffer.from(lineValue(text, key), 'base64').toString('utf8');
  return {
    invocation: lineValue(text, 'INVOCATION'),
    result: lineValue(text, 'RESULT'),
    exitCode: exitCodeOf(lineValue(text, 'STATUS')),
    startedAt: Number(lineValue(text, 'STARTED')) * 1000,
    finishedAt: Number(lineValue(text, 'FINISHED')) * 1000,
    delaySeconds: Number(lineValue(text, 'DELAY')),
    failure: decoded('FAILURE'),
    message: decoded('MESSAGE'),
    isFinal,
  };
}

/** systemd.exec(5): EXIT_STATUS is a number, or a signal's name when EXIT_CODE says `killed` or `dumped`. */
function exitCodeOf(status: string): number {
  if (/^\d+$/.test(status)) return Number(status);
  const signals: { readonly [name: string]: number } = constants.signals;
  return 128 + (signals[`SIG${status}`] ?? constants.signals.SIGKILL);
}

function parseIncident(text: string): RunIncident {
  return { at: lineValue(text, 'AT'), reason: lineValue(text, 'REASON'), message: lineValue(text, 'MESSAGE') };
}

function orAbsent<T>(fallback: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return fallback;
    throw error;
  };
}
