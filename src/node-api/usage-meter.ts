/** Something that counts the processor time it has used. */
export interface Counted {
  readonly cpuNanoseconds: number;
}

/** How fast a counter went, over a window that ends now. */
export interface Rate {
  /** Billionths of a processor; 1e9 is one core. */
  readonly nanoCores: number;
  readonly windowMs: number;
}

/** Turns counters into rates. */
export interface UsageMeter {
  /**
   * Reads all that `read` returns, by name. Where no earlier reading is there to compare with, it waits for a second
   * and reads again: whoever asks regularly never waits.
   */
  measure<T extends Counted>(
    read: () => Promise<ReadonlyMap<string, T>>,
  ): Promise<ReadonlyMap<string, { readonly usage: T; readonly rate: Rate }>>;
}

/** Clock and patience of a meter. */
export interface UsageMeterOptions {
  /** ms, monotonic. */
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/** A window below this says little: schedulers account in slices. */
const LEAST_WINDOW_MS = 1_000;
/** Readings older than this say nothing about now. */
const MOST_WINDOW_MS = 60_000;
/** Readings nearer than this to the one before are not kept. */
const SPACING_MS = 5_000;

interface Sample {
  readonly at: number;
  readonly cpuNanoseconds: number;
}

/** A meter that keeps a minute of readings; nothing is read unless somebody asks. */
export function createUsageMeter({ now, sleep }: UsageMeterOptions): UsageMeter {
  const kept = new Map<string, readonly Sample[]>();
  const baseOf = (name: string, usage: Counted, at: number): Sample | undefined =>
    kept
      .get(name)
      ?.findLast((sample) => at - sample.at >= LEAST_WINDOW_MS && sample.cpuNanoseconds <= usage.cpuNanoseconds);
  const keep = (usages: ReadonlyMap<string, Counted>, at: number): void => {
    for (const [name, samples] of kept) {
      const young = samples.filter((sample) => at - sample.at <= MOST_WINDOW_MS);
      if (young.length === 0) kept.delete(name);
      else kept.set(name, young);
    }
    for (const [name, { cpuNanoseconds }] of usages) {
      const samples = kept.get(name) ?? [];
      const last = samples.at(-1);
      if (last === undefined || at - last.at >= SPACING_MS) kept.set(name, [...samples, { at, cpuNanoseconds }]);
    }
  };
  return {
    async measure<T extends Counted>(read: () => Promise<ReadonlyMap<string, T>>) {
      let usages = await read();
      let at = now();
      keep(usages, at);
      if ([...usages].some(([name, usage]) => baseOf(name, usage, at) === undefined)) {
        await sleep(LEAST_WINDOW_MS);
        usages = await read();
        at = now();
      }
      const rates = [...usages].flatMap(([name, usage]) => {
        const base = baseOf(name, usage, at);
        return base === undefined ? [] : [[name, { usage, rate: rateBetween(base, usage, at) }] as const];
      });
      return new Map(rates);
    },
  };
}

function rateBetween(base: Sample, { cpuNanoseconds }: Counted, at: number): Rate {
  const windowMs = at - base.at;
  return { nanoCores: Math.round(((cpuNanoseconds - base.cpuNanoseconds) * 1000) / windowMs), windowMs };
}
