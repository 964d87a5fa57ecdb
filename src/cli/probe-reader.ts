import { mkdirSync, watch } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContainerProbeResults, ProbeResults } from '../../translators/formats/probe-results.ts';
import type { ProbeIncident, ProbeReader } from '../controllers/pod-status/facts.ts';
import type { Logger } from './logger.ts';

/** Reads what `quadshift probes` writes below `folder`, one file a pod, and hears of changes through inotify. */
export function createProbeReader(folder: string, log: Logger): ProbeReader {
  const read = (uid: string) => readResults(join(folder, `${uid}.json`));
  return {
    read,
    watch: (listener, { signal }) => {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      const seen = new Map<string, number>();
      const report = async (uid: string): Promise<void> => {
        const incidents = newIncidents(uid, await read(uid), seen);
        listener(uid);
        for (const incident of incidents) listener(uid, incident);
      };
      const watcher = watch(folder, { signal }, (_, file) => {
        if (file?.endsWith('.json'))
          report(file.slice(0, -'.json'.length)).catch((err) => log.warn({ err, file }, 'probe results'));
      });
      watcher.on('error', (err) => log.error({ err, folder }, 'probe results can no longer be watched'));
    },
  };
}

async function readResults(file: string): Promise<ProbeResults | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as ProbeResults;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Incidents with a sequence that was not seen yet. What happened before this process started is told by the one before. */
function newIncidents(uid: string, results: ProbeResults | undefined, seen: Map<string, number>): ProbeIncident[] {
  return Object.entries(results?.containers ?? {}).flatMap(([container, { incidents }]) => {
    const key = `${uid}/${container}`;
    const last = seen.get(key) ?? 0;
    seen.set(key, incidents.at(-1)?.sequence ?? last);
    return incidents.filter(({ sequence }) => sequence > last).map((incident) => toIncident(container, incident));
  });
}

function toIncident(container: string, record: ContainerProbeResults['incidents'][number]): ProbeIncident {
  const { type, reason, message } = record;
  return { container, type, reason, message };
}
