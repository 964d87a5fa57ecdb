import { watch } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import type { ProbeIncidentRecord, ProbeResults } from '../../translators/formats/probe-results.ts';
import { readResults } from './results-files.ts';

/** What a reader hears: a pod's results changed; with an incident, once for each new one. */
export type ResultsListener = (uid: string, incident?: ProbeIncidentRecord & { readonly container: string }) => void;

/** The other end of the results' folder, for the API server. */
export interface ProbeResultsReader {
  /** Undefined when nothing was probed. */
  read(uid: string): Promise<ProbeResults | undefined>;
  /** Until aborted. Incidents that were there at the beginning aren't told again. */
  watch(listener: ResultsListener, options: { readonly signal: AbortSignal }): void;
}

/** Reads what the prober writes below `folder`. Errors while watching go to `onError`. */
export function createProbeResultsReader(
  folder: string,
  onError: (error: unknown) => void = () => undefined,
): ProbeResultsReader {
  return {
    read: (uid) => readResults(folder, uid),
    watch: (listener, { signal }) => {
      follow(folder, listener, signal).catch(onError);
    },
  };
}

async function follow(folder: string, listener: ResultsListener, signal: AbortSignal): Promise<void> {
  await mkdir(folder, { recursive: true });
  const seen = new Map<string, number>();
  for (const uid of (await readdir(folder)).map(uidOf)) {
    if (uid !== undefined) tellNew(await readResults(folder, uid), seen, () => undefined);
  }
  if (signal.aborted) return;
  // Reads of one pod must not overtake each other, or an incident would be told twice.
  let reading: Promise<void> = Promise.resolve();
  const look = async (uid: string): Promise<void> => {
    listener(uid);
    tellNew(await readResults(folder, uid), seen, listener);
  };
  const watcher = watch(folder, (_, name) => {
    const uid = uidOf(name ?? '');
    if (uid !== undefined) reading = reading.then(() => look(uid)).catch(() => undefined);
  });
  signal.addEventListener('abort', () => watcher.close(), { once: true });
}

function uidOf(name: string): string | undefined {
  return /^([^.].*)\.json$/.exec(name)?.[1];
}

function tellNew(results: ProbeResults | undefined, seen: Map<string, number>, listener: ResultsListener): void {
  for (const [container, { incidents }] of Object.entries(results?.containers ?? {})) {
    const key = `${results?.uid}/${container}`;
    const last = seen.get(key) ?? 0;
    for (const incident of incidents) {
      if (incident.sequence > last) listener(results?.uid ?? '', { ...incident, container });
    }
    seen.set(key, incidents.at(-1)?.sequence ?? last);
  }
}
