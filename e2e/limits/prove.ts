import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBundle } from '../box/install.ts';
import { step } from '../box/progress.ts';
import { makeMachine, runMachine } from './machine.ts';

/** Emulation is slow, and slower still on a busy machine. */
const DEADLINE_MS = Number(process.env['QUADSHIFT_PROVE_MINUTES'] ?? 25) * 60_000;

/** What the machine said of itself, `PROVE <what> <value>` on its console, by what it is about. */
export type Results = ReadonlyMap<string, string>;

/** Something that has to be so. */
export interface Claim {
  readonly what: string;
  readonly holds: (results: Results) => boolean;
}

/** Holds when the machine said exactly this. */
export const equals =
  (key: string, value: string): Claim['holds'] =>
  (results) =>
    results.get(key) === value;

/** Emulates a machine that runs the guest's script at each of its boots, and says which claims hold; true when all do. */
export async function prove(guest: string, claims: readonly Claim[], boots = 1): Promise<boolean> {
  const folder = mkdtempSync(join(process.env['TMPDIR'] ?? tmpdir(), 'quadshift-prove-'));
  try {
    await buildBundle();
    const machine = await makeMachine(folder, guest);
    step('booting it under emulation: this takes minutes');
    let console = '';
    for (let boot = 0; boot < boots; boot++) {
      if (boot > 0) step(`boot ${boot + 1} of ${boots}`);
      // A machine that is reset may leave half a line.
      console += (await runMachine(machine, DEADLINE_MS)).replace(/[^\n]*$/, '');
    }
    const results = parse(console);
    for (const [key, value] of results) process.stdout.write(`  ${key}: ${value}\n`);
    const failed = claims.filter(({ holds }) => !holds(results));
    for (const claim of claims) process.stdout.write(`${failed.includes(claim) ? 'FAILS' : 'holds'}  ${claim.what}\n`);
    return failed.length === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function parse(console: string): Results {
  const lines = console.split(/\r?\n/).flatMap((line) => /PROVE (\S+) ?(.*)$/.exec(line) ?? []);
  const pairs: [string, string][] = [];
  for (let at = 0; at + 2 < lines.length; at += 3) pairs.push([lines[at + 1] ?? '', lines[at + 2] ?? '']);
  return new Map(pairs);
}
