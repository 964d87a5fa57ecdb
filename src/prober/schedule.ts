import { uptimeMs } from './uptime.ts';

/** Many appointments, one timer. */
export interface Schedule {
  /** Runs `task` once at `due` (ms of the monotonic clock), or as soon as possible; replaces what `key` had before. */
  set(key: string, due: number, task: () => void): void;
  has(key: string): boolean;
  cancel(key: string): void;
  close(): void;
}

/** What lies this close together is done in one go: fewer wake-ups of an idle machine. */
const SLACK_MS = 50;
/** setTimeout takes no more than 2^31 ms; an hour is often enough to look again. */
const MAX_WAIT_MS = 3_600_000;

interface Appointment {
  readonly due: number;
  readonly task: () => void;
}

/** An empty schedule. */
export function createSchedule(now: () => number = uptimeMs): Schedule {
  const appointments = new Map<string, Appointment>();
  let timer: NodeJS.Timeout | undefined;
  let wakeAt = Number.POSITIVE_INFINITY;

  const arm = (): void => {
    let next = Number.POSITIVE_INFINITY;
    for (const { due } of appointments.values()) if (due < next) next = due;
    if (next === wakeAt) return;
    clearTimeout(timer);
    wakeAt = next;
    if (next === Number.POSITIVE_INFINITY) return;
    timer = setTimeout(run, Math.min(MAX_WAIT_MS, Math.max(0, next - now())));
  };
  const run = (): void => {
    wakeAt = Number.POSITIVE_INFINITY;
    const until = now() + SLACK_MS;
    const due = [...appointments].filter(([, appointment]) => appointment.due <= until);
    for (const [key] of due) appointments.delete(key);
    for (const [, appointment] of due) appointment.task();
    arm();
  };

  return {
    set: (key, due, task) => {
      appointments.set(key, { due, task });
      if (due < wakeAt) arm();
    },
    has: (key) => appointments.has(key),
    cancel: (key) => void appointments.delete(key),
    close: () => {
      appointments.clear();
      clearTimeout(timer);
      wakeAt = Number.POSITIVE_INFINITY;
    },
  };
}
