import { setFlagsFromString } from 'node:v8';
import type { RestingStore } from '../store/store.ts';
import type { Logger } from './logger.ts';
import { trimMalloc } from './malloc.ts';
import { dropOptimizedCode } from './optimized-code.ts';

/** What a rest is decided by, and what it is. */
export interface RestOptions {
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** Milliseconds of processor time that this process has used, of all its threads. */
  readonly used: () => number;
  /** Gives memory back. */
  readonly rest: () => void;
}

/** Whoever uses less of a processor than this is quiet. */
const BUSY_SHARE = 0.02;

/** Milliseconds of quiet after which memory is given back: when a load is over, and when its history has left the store. */
const PAUSES: readonly number[] = [60_000, 315_000];

/**
 * Milliseconds of processor time that leave something to be given back. Less is no load: a pod that is started now and then would
 * find all code forgotten each time.
 */
const LOAD_MS = 2_000;

/**
 * Gives memory back after a load, and never otherwise: V8 only looks for garbage while it is asked for memory, and
 * malloc is told of nothing. The answer is to be called now and then, and is cheap: a load is known by the processor time
 * that it took, so that nobody who works has to say so.
 */
export function createRest({ now, used, rest }: RestOptions): () => void {
  let last = { at: now(), used: used() };
  let quietSince = last.at;
  let due = PAUSES;
  let rested = last.used;
  return () => {
    const look = { at: now(), used: used() };
    const isBusy = look.used - last.used > BUSY_SHARE * (look.at - last.at);
    last = look;
    if (isBusy) quietSince = look.at;
    if (isBusy && look.used - rested > LOAD_MS) due = PAUSES;
    const [pause] = due;
    if (pause === undefined || look.at - quietSince < pause) return;
    due = due.slice(1);
    rest();
    // What resting takes is no load.
    last = { at: now(), used: used() };
    rested = last.used;
  };
}

/** Of code that has run since so many collections V8 keeps what it has compiled; its default, and what it is at rest. */
const CODE_AGE = { usual: 6, resting: 1 };

/**
 * Collects all garbage there is and compacts the heap, and forgets compiled and optimized code: it is made again of what is run. Three
 * tenths of a second for an ordinary heap, for which nothing else happens. Without `--expose-gc` nothing does.
 */
function collectGarbage(): void {
  if (globalThis.gc === undefined) return;
  dropOptimizedCode();
  setFlagsFromString(`--bytecode-old-age=${CODE_AGE.resting}`);
  setFlagsFromString('--flush-baseline-code');
  globalThis.gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  setFlagsFromString('--no-flush-baseline-code');
  setFlagsFromString(`--bytecode-old-age=${CODE_AGE.usual}`);
}

function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** Answers signs of life, and with them looks whether this process is to rest: there is no other timer for it. */
export function restAfterLoads(store: RestingStore, log: Logger): () => true {
  const rest = (): void => {
    const [before, start] = [process.memoryUsage.rss(), performance.now()];
    try {
      store.rest();
      collectGarbage();
      trimMalloc();
      const milliseconds = performance.now() - start;
      log.debug({ before, now: process.memoryUsage.rss(), milliseconds }, 'memory given back');
    } catch (err) {
      log.warn({ err }, 'memory was not given back');
    }
  };
  const look = createRest({ now: () => performance.now(), used: processorMs, rest });
  return () => {
    look();
    return true;
  };
}
