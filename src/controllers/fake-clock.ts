import type { Clock } from './clock.ts';

/** A clock that moves when told. */
export interface FakeClock extends Clock {
  /** Moves time and runs what is due, in order. */
  advance(ms: number): void;
  /** Sets the time of day, by so much: nothing becomes due by that. */
  jump(ms: number): void;
  /** Milliseconds until the next timer; undefined without one. */
  readonly nextMs: number | undefined;
}

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** A clock that stands still at `start` (ms since the epoch). */
export function createFakeClock(start = Date.parse('2026-01-02T03:04:05Z')): FakeClock {
  let elapsed = 0;
  let epoch = start;
  const timers = new Set<Timer>();
  const next = (): Timer | undefined => [...timers].sort((a, b) => a.at - b.at)[0];
  return {
    now: () => epoch + elapsed,
    elapsed: () => elapsed,
    jump: (ms) => {
      epoch += ms;
    },
    after(ms, run) {
      const timer = { at: elapsed + ms, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance(ms) {
      const end = elapsed + ms;
      for (let due = next(); due !== undefined && due.at <= end; due = next()) {
        timers.delete(due);
        elapsed = Math.max(elapsed, due.at);
        due.run();
      }
      elapsed = end;
    },
    get nextMs() {
      const due = next();
      return due && due.at - elapsed;
    },
  };
}
