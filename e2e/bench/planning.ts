import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PlanningCost, planningCosts } from '../../src/controllers/fake-planning.ts';
import { openSqliteStore } from '../../src/store/sqlite-store.ts';

const SIZES = [10, 100, 500];
const ROUNDS = 20;

/** Milliseconds of a processor that this process has had: others on the machine don't count. */
function processorTime(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** What a change costs among so many applications, with the store that is on disk. */
async function costsAmong(objects: number): Promise<readonly PlanningCost[]> {
  const folder = mkdtempSync(join(tmpdir(), 'quadshift-planning-'));
  const store = openSqliteStore(join(folder, 'objects.db'));
  try {
    return await planningCosts({ objects, store, rounds: ROUNDS, now: processorTime });
  } finally {
    await store.close();
    rmSync(folder, { recursive: true });
  }
}

function totalOf(looks: PlanningCost['looks']): number {
  return [...looks.values()].reduce((sum, count) => sum + count, 0);
}

/** One line per sort of change: what it costs among 10, 100 and 500 applications, through all controllers and the store. */
export async function planningRows(): Promise<string> {
  const all: (readonly PlanningCost[])[] = [];
  for (const size of SIZES) all.push(await costsAmong(size));
  const lines = (all[0] ?? []).map(({ what }, row) => {
    const cells = all.map((costs, i) => {
      const { micros = Number.NaN, looks = new Map() } = costs[row] ?? {};
      return `${SIZES[i]}: ${totalOf(looks).toFixed(0)} objects read, ${(micros / 1000).toFixed(2)} ms of processor`;
    });
    return `planning, ${what}: ${cells.join('; ')}\n`;
  });
  return lines.join('');
}
