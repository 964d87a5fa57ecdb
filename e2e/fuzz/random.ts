/** Choices that one seed decides, so that a run can be repeated. */
export interface Random {
  /** Between 0 (inclusive) and 1. */
  next(): number;
  /** A whole number below the limit. */
  below(limit: number): number;
  /** True this often. */
  chance(probability: number): boolean;
  /** One of them. */
  pick<T>(choices: readonly [T, ...T[]] | readonly T[]): T;
}

/** Makes a source of choices (mulberry32). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    next,
    below,
    chance: (probability) => next() < probability,
    pick: <T>(choices: readonly T[]) => choices[below(choices.length)] as T,
  };
}
