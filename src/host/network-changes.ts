import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

/** Tells when the host has other addresses, or another way out. */
export interface NetworkChanges {
  /** Calls `listener` when it may have changed, until aborted. */
  watch(listener: () => void, options: { readonly signal: AbortSignal }): void;
}

/** Where changes are heard and read; the defaults are the host's own. */
export interface NetworkChangesOptions {
  /** iproute2's `ip`: the kernel's messages come through it, as Node has no netlink. */
  readonly program?: string;
  /** Everything that listeners could care for, as text. */
  readonly read?: () => string;
  /** How long nothing more must come before a look: an address comes with a route or two. */
  readonly settleMs?: number;
  /** First pause before the monitor is started again; it doubles up to a minute. */
  readonly retryMs?: number;
  readonly onFailure?: (err: unknown) => void;
  readonly signal: AbortSignal;
}

const LAST_RETRY_MS = 60_000;

/** What Podman makes: pods come and go with links of their own, and with the first of them the bridge between them. */
const PODMANS = /^(podman|veth)\d/;

/** All else counts, other bridges and tunnels too: the certificate covers their addresses. */
function readNetwork(): string {
  const addresses = Object.entries(networkInterfaces()).flatMap(([name, infos = []]) =>
    PODMANS.test(name)
      ? []
      : infos.filter(({ address }) => !address.startsWith('fe80:')).map(({ cidr }) => `${name} ${cidr}`),
  );
  return [...addresses.sort(), ...['route', 'ipv6_route'].map(defaultRoutes)].join('\n');
}

/** Default routes only: a line of zeros for the destination. */
function defaultRoutes(file: string): string {
  try {
    const lines = readFileSync(`/proc/net/${file}`, 'utf8').split('\n');
    return lines.filter((line) => /^\S+\t0{8}\t|^0{32} 00 /.test(line)).join('\n');
  } catch {
    return '';
  }
}

/**
 * `ip monitor` as one child until `signal` is aborted, whoever listens; a failed one is started again, and what it
 * missed is seen then.
 */
export function createNetworkChanges(options: NetworkChangesOptions): NetworkChanges {
  const { program = 'ip', read = readNetwork, settleMs = 50, retryMs = 1_000, onFailure = () => {}, signal } = options;
  const listeners = new Set<() => void>();
  let before = read();
  let timer: NodeJS.Timeout | undefined;
  const look = (): void => {
    timer = undefined;
    const now = read();
    if (now === before) return;
    before = now;
    for (const listener of listeners) listener();
  };
  const soon = (): void => {
    timer ??= setTimeout(look, settleMs);
  };
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  superviseMonitor(program, { soon, signal, onFailure, retryMs });
  return {
    watch: (listener, watching) => {
      listeners.add(listener);
      watching.signal.addEventListener('abort', () => listeners.delete(listener), { once: true });
    },
  };
}

interface Supervision {
  readonly soon: () => void;
  readonly signal: AbortSignal;
  readonly onFailure: (err: unknown) => void;
  readonly retryMs: number;
}

/** Runs the monitor until aborted. Every line is a reason to look, and so is its start. */
function superviseMonitor(program: string, { soon, signal, onFailure, retryMs }: Supervision): void {
  if (signal.aborted) return;
  const child = spawn(program, ['-o', 'monitor', 'address', 'route'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const kill = (): void => void child.kill();
  let heard = false;
  signal.addEventListener('abort', kill, { once: true });
  child.once('spawn', soon);
  child.stdout.on('data', () => {
    heard = true;
    soon();
  });
  const again = (err: unknown): void => {
    signal.removeEventListener('abort', kill);
    if (signal.aborted) return;
    onFailure(err);
    const next = heard ? 1_000 : Math.min(retryMs * 2, LAST_RETRY_MS);
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', cancel);
      superviseMonitor(program, { soon, signal, onFailure, retryMs: next });
    }, retryMs);
    const cancel = (): void => clearTimeout(timer);
    signal.addEventListener('abort', cancel, { once: true });
  };
  // A program that can't be run has no end, only an error.
  child.once('error', again);
  child.once(
    'exit',
    (code, name) => child.off('error', again) && again(new Error(`${program} ended: ${code ?? name}`)),
  );
}
