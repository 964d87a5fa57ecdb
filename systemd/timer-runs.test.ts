import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createFakeTimerRuns } from './fake-timer-runs.ts';
import { timerRunsConformance } from './timer-runs.conformance.ts';
import { createTimerRuns, type TimerRun } from './timer-runs.ts';

timerRunsConformance('timers’ runs in memory', async () => {
  const runs = createFakeTimerRuns();
  return { runs, begin: async (run) => runs.begin(run) };
});

timerRunsConformance('timers’ runs on disk', async () => {
  const state = await mkdtemp(join(tmpdir(), 'timer-runs-'));
  onTestFinished(() => rm(state, { recursive: true, force: true }));
  const begin = async ({ owner, slot, facts, made }: TimerRun): Promise<void> => {
    const folder = join(state, 'cron', owner);
    await mkdir(join(folder, '.run'), { recursive: true });
    await mkdir(join(folder, 'runs'), { recursive: true });
    const text = Object.entries(facts).map(([key, value]) => `${key}=${value}\n`);
    await writeFile(join(folder, '.run', 'run'), text.join(''));
    await writeFile(join(folder, '.run', 'pod.json'), JSON.stringify(made));
    await rename(join(folder, '.run'), join(folder, 'runs', slot));
  };
  return { runs: createTimerRuns(state), begin };
});
