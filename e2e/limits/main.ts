import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildBundle } from '../box/install.ts';
import { step } from '../box/progress.ts';
import { makeMachine, runMachine } from './machine.ts';

/** Emulation is slow, and slower still on a busy machine. */
const DEADLINE_MS = Number(process.env['QUADSHIFT_PROVE_MINUTES'] ?? 25) * 60_000;

type Results = ReadonlyMap<string, string>;

interface Claim {
  readonly what: string;
  readonly holds: (results: Results) => boolean;
}

const equals = (key: string, value: string) => (results: Results) => results.get(key) === value;

const CLAIMS: readonly Claim[] = [
  {
    what: 'the kernel has the controllers',
    holds: (results) => ['cpu', 'memory'].every((name) => results.get('controllers')?.split(' ').includes(name)),
  },
  { what: 'the Node says that limits are enforced', holds: equals('node-condition', 'True') },
  { what: 'a container over its memory limit is OOMKilled and says so', holds: equals('oom-reason', 'OOMKilled') },
  { what: 'it ends with 137', holds: equals('oom-exit-code', '137') },
  { what: 'the memory limit is the control group’s', holds: equals('memory-max', String(32 * 2 ** 20)) },
  { what: 'the quota is the control group’s', holds: equals('cpu-max', '20000 100000') },
  {
    what: 'a busy loop gets a fifth of the processor and no more',
    holds: (results) => Math.abs(Number(results.get('cpu-percent') ?? Number.NaN) - 20) <= 4,
  },
  { what: 'a resize reaches the running container', holds: equals('resized-cpu-max', '40000 100000') },
  { what: 'it is not restarted for that', holds: equals('resized-without-restart', 'yes') },
];

/** `npm run prove:limits`: an emulated machine whose kernel has every controller, and what becomes of greedy pods. */
async function main(): Promise<void> {
  const folder = mkdtempSync(join(process.env['TMPDIR'] ?? tmpdir(), 'quadshift-prove-'));
  try {
    await buildBundle();
    const machine = await makeMachine(folder);
    step('booting it under emulation: this takes minutes');
    const results = parse(await runMachine(machine, DEADLINE_MS));
    for (const [key, value] of results) process.stdout.write(`  ${key}: ${value}\n`);
    const failed = CLAIMS.filter(({ holds }) => !holds(results));
    for (const claim of CLAIMS) process.stdout.write(`${failed.includes(claim) ? 'FAILS' : 'holds'}  ${claim.what}\n`);
    process.exitCode = failed.length === 0 ? 0 : 1;
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

await main();
