import { formatTime, parseTime } from '../machinery/time.ts';

/** Time as controllers see it; tests inject a hand-driven one. */
export interface Clock {
  /** Milliseconds since the epoch: the time of day, which somebody may set. */
  now(): number;
  /** Milliseconds of some beginning, whatever becomes of the time of day: what waits and back-offs are measured by. */
  elapsed(): number;
  /** Calls `run` once after `ms`; the returned function cancels it. */
  after(ms: number, run: () => void): () => void;
}

/** The unit that systemd starts when the clock was set or the time zone changed. */
export const CLOCK_UNIT = 'quadshift-clock.service';

/** Longest delay that a Node timer takes; longer ones would fire at once. */
const MAX_TIMER_MS = 2_147_483_647;

/** The machine's clock. Timers don't keep the process alive. */
export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(Math.max(0, ms), MAX_TIMER_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** The time now, as `metav1.Time` travels. */
export function timestamp(clock: Clock): string {
  return formatTime(clock.now());
}

/** Milliseconds of an RFC 3339 time; 0 when absent or unreadable. */
export function timeOf(text: string | undefined): number {
  return text === undefined ? 0 : (parseTime(text) ?? 0);
}
