import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder, writeDurably } from './durable-write.ts';
import { ifAbsent } from './safe-path.ts';

/** A run that a timer has started while nobody watched. */
export interface TimerRun {
  /** Whose timer it was. */
  readonly owner: string;
  /** What names the run among its owner's. */
  readonly slot: string;
  /** What the run's script wrote down, by key. */
  readonly facts: { readonly [key: string]: string };
  /** What it has made, as JSON. */
  readonly made: unknown;
}

/**
 * The runs of timers, one folder per owner: `cron/<owner>/runs/<slot>` in the state root. Scripts of timers and this
 * process agree there on who does a run: whoever has made the slot's folder does it, and nobody else.
 */
export interface TimerRuns {
  /** Runs of scripts that weren't released yet, in the order of their slots; of one owner, or of all. */
  list(owner?: string): Promise<readonly TimerRun[]>;
  /** Takes a run. False when a script has it; true when we had it already. */
  claim(owner: string, slot: string): Promise<boolean>;
  /** Forgets a run, whoever had it. */
  release(owner: string, slot: string): Promise<void>;
  /** Up to which time the schedule was followed: seconds since 1970, undefined when never. */
  reached(owner: string): Promise<number | undefined>;
  setReached(owner: string, seconds: number): Promise<void>;
}

/** In a slot's folder: left by a script, and by us. */
const SCRIPT_MARK = 'run';
const OWN_MARK = 'controller';

/** The runs below `<state>/cron`. */
export function createTimerRuns(state: string): TimerRuns {
  const folderOf = (owner: string): string => join(state, 'cron', owner);
  const slotOf = (owner: string, slot: string): string => join(folderOf(owner), 'runs', slot);
  const list = async (owner?: string): Promise<readonly TimerRun[]> => {
    const owners = owner === undefined ? await namesIn(join(state, 'cron')) : [owner];
    const runs = owners.map(async (one) => readRuns(one, join(folderOf(one), 'runs')));
    return (await Promise.all(runs)).flat();
  };
  return {
    list,
    claim: (owner, slot) => claim(slotOf(owner, slot), folderOf(owner)),
    release: async (owner, slot) => {
      await rm(slotOf(owner, slot), { recursive: true, force: true });
      await syncFolder(join(folderOf(owner), 'runs'));
    },
    reached: async (owner) => {
      const text = await readFile(join(folderOf(owner), 'last'), 'utf8').catch(ifAbsent(''));
      return /^\d+$/.test(text.trim()) ? Number(text) : undefined;
    },
    setReached: async (owner, seconds) => {
      await mkdir(folderOf(owner), { recursive: true, mode: 0o700 });
      await writeDurably(join(folderOf(owner), 'last'), `${seconds}\n`, 0o600);
    },
  };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(ifAbsent([]));
  return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name);
}

async function readRuns(owner: string, folder: string): Promise<readonly TimerRun[]> {
  const slots = [...(await namesIn(folder))].sort();
  const runs = await Promise.all(
    slots.map(async (slot): Promise<TimerRun | undefined> => {
      const text = await readFile(join(folder, slot, SCRIPT_MARK), 'utf8').catch(ifAbsent(undefined));
      if (text === undefined) return undefined;
      const facts = Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, key, value]) => [key, value]));
      return { owner, slot, facts, made: JSON.parse(await readFile(join(folder, slot, 'pod.json'), 'utf8')) };
    }),
  );
  return runs.filter((run) => run !== undefined);
}

/** A folder that isn't empty is never replaced by rename(2): one of two that claim at a time comes second. */
async function claim(slot: string, folder: string): Promise<boolean> {
  const temporary = join(folder, '.claim');
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true, mode: 0o700 });
  await writeFile(join(temporary, OWN_MARK), '');
  await mkdir(join(folder, 'runs'), { recursive: true, mode: 0o700 });
  try {
    await rename(temporary, slot);
    return true;
  } catch (error) {
    if (!isTaken(error)) throw error;
    await rm(temporary, { recursive: true, force: true });
    return (await readdir(slot).catch(ifAbsent([OWN_MARK]))).includes(OWN_MARK);
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST');
}
