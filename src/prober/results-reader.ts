import { watch } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import type { ProbeIncidentRecord, ProbeResults } from '../../translators/formats/probe-results.ts';
import { readResults } from './results-files.ts';

/** What is new of a pod's results. */
export interface ResultsNews {
  /** Something failed: told once for each. */
  readonly incident?: ProbeIncidentRecord & { readonly container: string };
  /** All that is probed of the pod is ready now, or no longer is. */
  readonly hasTurned?: boolean;
}

/** Hears that a pod's results changed. */
export type ResultsListener = (uid: string, news: ResultsNews) => void;

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
  const seen: Seen = new Map();
  for (const uid of (await readdir(folder)).map(uidOf)) {
    if (uid !== undefined) tellNew(uid, await readResults(folder, uid), { seen, listener: () => undefined });
  }
  if (signal.aborted) return;
  // Reads of one pod must not overtake each other, or an incident would be told twice.
  let reading: Promise<void> = Promise.resolve();
  const look = async (uid: string): Promise<void> => {
    tellNew(uid, await readResults(folder, uid), { seen, listener });
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

/** What was told of each pod. */
type Seen = Map<string, Told>;

interface Told {
  readonly isReady: boolean;
  /** The last incident of each container. */
  readonly incidents: ReadonlyMap<string, number>;
}

/** Tells what is new of a pod; one without results any more is forgotten. */
function tellNew(
  uid: string,
  results: ProbeResults | undefined,
  { seen, listener }: { readonly seen: Seen; readonly listener: ResultsListener },
): void {
  const before = seen.get(uid);
  if (results === undefined) seen.delete(uid);
  const containers = Object.entries(results?.containers ?? {});
  const isReady = containers.length > 0 && containers.every(([, { ready }]) => ready);
  listener(uid, { hasTurned: isReady !== (before?.isReady ?? false) });
  if (results === undefined) return;
  const told = containers.map(([container, { incidents }]): [string, number] => {
    const last = before?.incidents.get(container) ?? 0;
    for (const incident of incidents)
      if (incident.sequence > last) listener(uid, { incident: { ...incident, container } });
    return [container, incidents.at(-1)?.sequence ?? last];
  });
  seen.set(uid, { isReady, incidents: new Map(told) });
}
