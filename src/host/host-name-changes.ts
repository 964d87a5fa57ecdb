import { type FSWatcher, watch } from 'node:fs';
import { hostname } from 'node:os';

/** Where a change of the host's name is heard and read; the defaults are the host's own. */
export interface HostNameChangesOptions {
  /** Folder of the file `hostname`, which hostnamectl(1), installers and administrators write; see hostname(5). */
  readonly folder?: string;
  readonly read?: () => string;
  /** How long after the file the kernel's name may follow: hostnamectl sets it second. */
  readonly settleMs?: number;
  readonly onFailure?: (err: unknown) => void;
  readonly signal: AbortSignal;
}

/** Tells when the host has another name. */
export interface HostNameChanges {
  /** Calls `listener` when the name has changed, until aborted. */
  watch(listener: () => void, options: { readonly signal: AbortSignal }): void;
}

/** One inotify watch of the folder until `signal` is aborted: the file is replaced as a whole. */
export function createHostNameChanges(options: HostNameChangesOptions): HostNameChanges {
  const { folder = '/etc', read = hostname, settleMs = 500, onFailure = () => {}, signal } = options;
  const listeners = new Set<() => void>();
  let before = read();
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    const now = read();
    if (now === before) return;
    before = now;
    for (const listener of listeners) listener();
  };
  const soon = (name: string | null): void => {
    if (name !== 'hostname') return;
    clearTimeout(timer);
    timer = setTimeout(look, settleMs);
  };
  const watcher = openWatcher(folder, soon, onFailure);
  signal.addEventListener(
    'abort',
    () => {
      watcher?.close();
      clearTimeout(timer);
    },
    { once: true },
  );
  return {
    watch: (listener, watching) => {
      listeners.add(listener);
      watching.signal.addEventListener('abort', () => listeners.delete(listener), { once: true });
    },
  };
}

function openWatcher(
  folder: string,
  heard: (name: string | null) => void,
  onFailure: (err: unknown) => void,
): FSWatcher | undefined {
  try {
    return watch(folder, { persistent: false }, (_, name) => heard(name)).on('error', onFailure);
  } catch (err) {
    onFailure(err);
    return undefined;
  }
}
