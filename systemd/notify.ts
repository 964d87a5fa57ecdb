import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/**
 * sd_notify(3). The protocol is one datagram to an AF_UNIX socket, and Node can't send one: dgram knows UDP only,
 * a native addon would be the one reason to need a compiler, and D-Bus has no such call. So each message is one run
 * of systemd-notify(1): 5 ms of wall clock outside our process, and a ping every `WATCHDOG_USEC / 2`, one a minute
 * for `WatchdogSec=120`. A long-lived helper would cost a megabyte for ever to save that.
 *
 * systemd-notify sends in the name of the process that started it when it may (root), so `NotifyAccess=main` is
 * enough; a user's service manager needs `NotifyAccess=exec` or `all`.
 */
export interface Notifier {
  /** `READY=1`, with what to show in `systemctl status`. */
  ready(status: string): Promise<void>;
  status(text: string): Promise<void>;
  stopping(): Promise<void>;
  /**
   * Tells systemd twice per `WatchdogSec=` that we are alive, as long as `alive` says so; a blocked event loop
   * never gets to ask. Does nothing when the unit has no watchdog. Until aborted.
   */
  watch(alive: () => boolean, options: { readonly signal: AbortSignal }): void;
}

/** What systemd puts into the environment of a `Type=notify` service. */
export interface NotifyEnvironment {
  readonly NOTIFY_SOCKET?: string;
  /** µs */
  readonly WATCHDOG_USEC?: string;
  readonly WATCHDOG_PID?: string;
}

/** A notifier that does nothing when nobody listens. A message that can't be sent is told to `onError` and forgotten. */
export function createNotifier(
  environment: NotifyEnvironment,
  onError: (error: unknown) => void = () => undefined,
): Notifier {
  const send = async (...assignments: readonly string[]): Promise<void> => {
    if (environment.NOTIFY_SOCKET === undefined) return;
    await sendState(environment.NOTIFY_SOCKET, assignments).catch(onError);
  };
  return {
    ready: (status) => send('READY=1', statusLine(status)),
    status: (text) => send(statusLine(text)),
    stopping: () => send('STOPPING=1'),
    watch: (alive, { signal }) => {
      const period = pingPeriod(environment);
      if (period === undefined || signal.aborted) return;
      const timer = setInterval(() => {
        if (alive()) send('WATCHDOG=1').catch(onError);
      }, period);
      timer.unref();
      signal.addEventListener('abort', () => clearInterval(timer), { once: true });
    },
  };
}

/** A status is one line; a newline in it would begin another assignment. */
const statusLine = (text: string): string => `STATUS=${text.replace(/\s+/g, ' ')}`;

/** ms between two pings; undefined when nobody waits for them, or for those of another process. */
function pingPeriod({ WATCHDOG_USEC, WATCHDOG_PID }: NotifyEnvironment): number | undefined {
  if (WATCHDOG_PID !== undefined && Number(WATCHDOG_PID) !== process.pid) return undefined;
  const microseconds = Number(WATCHDOG_USEC ?? 0);
  return microseconds > 0 ? microseconds / 2_000 : undefined;
}

async function sendState(socket: string, assignments: readonly string[]): Promise<void> {
  const env = { NOTIFY_SOCKET: socket, PATH: '/usr/bin:/bin' };
  await promisify(execFile)('systemd-notify', ['--', ...assignments], { env, timeout: 10_000 });
}
