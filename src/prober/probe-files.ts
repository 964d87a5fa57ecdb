import { type FSWatcher, watch } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PodProbes } from '../../translators/formats/probes.ts';

/** Who hears of compiled probes. */
export interface ProbeFilesListener {
  /** A pod's probes are there, or differ from before. */
  changed(probes: PodProbes): void;
  /** A pod has no probes any more. */
  gone(uid: string): void;
  warn(message: string, fields: { readonly [name: string]: unknown }): void;
}

const FILE = 'probes.json';
/** A pod's files arrive together: look once. */
const SETTLE_MS = 20;

/**
 * Reads `<folder>/<uid>/probes.json` of every pod and again whenever one changes (inotify on the folder and on each
 * pod's, not below: volumes live there). Resolves after the first look; goes on until aborted.
 */
export async function followProbeFiles(
  folder: string,
  listener: ProbeFilesListener,
  signal: AbortSignal,
): Promise<void> {
  const pods = new Map<string, { readonly watcher: FSWatcher; text: string }>();
  let looking: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  const look = async (): Promise<void> => {
    const uids = new Set(await podFolders(folder));
    for (const uid of pods.keys()) if (!uids.has(uid)) drop(uid);
    for (const uid of uids) await lookAt(uid);
  };
  const lookLater = (): void => {
    if (timer !== undefined || signal.aborted) return;
    timer = setTimeout(() => {
      timer = undefined;
      looking = looking.then(look).catch((error: unknown) => listener.warn('probes could not be read', { err: error }));
    }, SETTLE_MS);
  };
  const drop = (uid: string): void => {
    const pod = pods.get(uid);
    pod?.watcher.close();
    pods.delete(uid);
    if (pod !== undefined && pod.text !== '') listener.gone(uid);
  };
  const lookAt = async (uid: string): Promise<void> => {
    const pod = pods.get(uid) ?? { watcher: watchFolder(join(folder, uid), lookLater), text: '' };
    pods.set(uid, pod);
    const text = await readFile(join(folder, uid, FILE), 'utf8').catch(() => '');
    if (text === pod.text) return;
    if (text === '') listener.gone(uid);
    else tell(text, uid, listener);
    pod.text = text;
  };

  await mkdir(folder, { recursive: true });
  const root = watchFolder(folder, lookLater);
  signal.addEventListener('abort', () => {
    clearTimeout(timer);
    root.close();
    for (const { watcher } of pods.values()) watcher.close();
  });
  await look();
}

/** A folder that is deleted ends its watch; whoever listens looks again and finds it gone. */
function watchFolder(path: string, changed: () => void): FSWatcher {
  return watch(path, changed).on('error', changed);
}

function tell(text: string, uid: string, listener: ProbeFilesListener): void {
  try {
    listener.changed(JSON.parse(text));
  } catch (error) {
    listener.warn('compiled probes are not readable', { uid, err: error });
  }
}

async function podFolders(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}
