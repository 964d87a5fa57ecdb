import type { WatchOptions } from '../options.ts';

/** How often an idle watch hears of the current resourceVersion, if it wants to. */
const BOOKMARK_INTERVAL_MS = 60_000;
/** Without timeoutSeconds a watch ends after this time, and up to as much again, as apiserver's does. */
const DEFAULT_TIMEOUT_MS = 1_800_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The time's part in a watch: when it is over, and when a bookmark is due. */
export interface WatchClock {
  /** The time is over, or the client has gone. */
  ended(): boolean;
  /** Whether a bookmark is due; asking takes it. */
  takeMark(): boolean;
  /** Calls `listener`, and no earlier one any more, at the next change; at once when there already is one. */
  onTick(listener: () => void): void;
  stop(): void;
}

/** Starts the clock of one watch. */
export function startWatchClock(options: WatchOptions, signal: AbortSignal): WatchClock {
  let ended = signal.aborted;
  let marked = false;
  let listener = (): void => {};
  const end = (): void => {
    ended = true;
    listener();
  };
  const mark = (): void => {
    marked = true;
    listener();
  };
  const ending = setTimeout(end, timeoutOf(options));
  const marking = options.allowBookmarks ? setInterval(mark, BOOKMARK_INTERVAL_MS) : undefined;
  signal.addEventListener('abort', end, { once: true });
  return {
    ended: () => ended,
    takeMark: () => {
      const taken = marked;
      marked = false;
      return taken;
    },
    onTick: (next) => {
      listener = next;
      if (ended || marked) next();
    },
    stop: () => {
      clearTimeout(ending);
      clearInterval(marking);
      signal.removeEventListener('abort', end);
    },
  };
}

function timeoutOf({ timeoutSeconds }: WatchOptions): number {
  const wanted = timeoutSeconds > 0 ? timeoutSeconds * 1000 : DEFAULT_TIMEOUT_MS * (1 + Math.random());
  return Math.min(wanted, LONGEST_TIMER_MS);
}
