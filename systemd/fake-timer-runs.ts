import type { TimerRun, TimerRuns } from './timer-runs.ts';

/** Timers' runs in memory, and a way to have a script begin one. */
export interface FakeTimerRuns extends TimerRuns {
  begin(run: TimerRun): void;
}

/** No runs yet. */
export function createFakeTimerRuns(): FakeTimerRuns {
  const slots = new Map<string, TimerRun | undefined>();
  const last = new Map<string, number>();
  const keyOf = (owner: string, slot: string): string => `${owner}/${slot}`;
  return {
    begin: (run) => {
      if (!slots.has(keyOf(run.owner, run.slot))) slots.set(keyOf(run.owner, run.slot), run);
    },
    list: async (owner) => {
      const runs = [...slots.values()].filter((run) => run !== undefined);
      const mine = runs.filter((run) => owner === undefined || run.owner === owner);
      return mine.sort((a, b) => (a.slot < b.slot ? -1 : 1));
    },
    claim: async (owner, slot) => {
      const key = keyOf(owner, slot);
      if (slots.get(key) !== undefined) return false;
      slots.set(key, undefined);
      return true;
    },
    release: async (owner, slot) => void slots.delete(keyOf(owner, slot)),
    reached: async (owner) => last.get(owner),
    setReached: async (owner, seconds) => void last.set(owner, seconds),
  };
}
