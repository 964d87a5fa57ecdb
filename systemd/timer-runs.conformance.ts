import { describe, expect, it } from 'vitest';
import type { TimerRun, TimerRuns } from './timer-runs.ts';

/** Runs of one machine, and a script of a timer that begins one as the real one does. */
export interface TimerRunsSubject {
  readonly runs: TimerRuns;
  readonly begin: (run: TimerRun) => Promise<void>;
}

/** What any `TimerRuns` promises. */
export function timerRunsConformance(name: string, create: () => Promise<TimerRunsSubject>): void {
  describe(name, () => {
    const run: TimerRun = { owner: 'a', slot: '29398140', facts: { POD_UID: 'p' }, made: { kind: 'Pod' } };

    it('has what scripts began, until it is released', async () => {
      const { runs, begin } = await create();
      await begin(run);
      await begin({ ...run, slot: '29398139' });
      await begin({ ...run, owner: 'b' });
      expect((await runs.list('a')).map(({ slot }) => slot)).toEqual(['29398139', '29398140']);
      expect(await runs.list()).toHaveLength(3);
      expect((await runs.list('b'))[0]).toEqual({ ...run, owner: 'b' });
      await runs.release('a', '29398140');
      expect((await runs.list('a')).map(({ slot }) => slot)).toEqual(['29398139']);
    });

    it('gives a run to whoever came first', async () => {
      const { runs, begin } = await create();
      await begin(run);
      expect(await runs.claim('a', run.slot)).toBe(false);
      expect(await runs.claim('a', '1')).toBe(true);
      expect(await runs.claim('a', '1')).toBe(true);
      expect((await runs.list('a')).map(({ slot }) => slot)).toEqual([run.slot]);
      await runs.release('a', run.slot);
      expect(await runs.claim('a', run.slot)).toBe(true);
    });

    it('remembers how far the schedule was followed', async () => {
      const { runs } = await create();
      expect(await runs.reached('a')).toBeUndefined();
      await runs.setReached('a', 12);
      expect(await runs.reached('a')).toBe(12);
    });
  });
}
