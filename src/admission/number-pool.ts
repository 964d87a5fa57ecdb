import type { RandomBelow } from '../machinery/generate-name.ts';

/**
 * Numbers that can be given out, all bounds inclusive. The lower part is left to those who ask for a number of their
 * own (KEP-3070, KEP-3668): it is only given out when nothing else is left.
 */
export interface NumberPool {
  readonly first: number;
  readonly last: number;
  /** Where the part begins that is given out freely. */
  readonly dynamicFrom: number;
}

/** A pool with its lower part sized as upstream does: a `share`-th of it, at least 16, at most `most`. */
export function createNumberPool(
  { first, last }: { readonly first: number; readonly last: number },
  { share, most }: { readonly share: number; readonly most: number },
): NumberPool {
  const size = last - first + 1;
  const reserved = size <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / share)), most);
  return { first, last, dynamicFrom: first + reserved };
}

/** Whether a number is the pool's. */
export function isInPool(pool: NumberPool, value: number): boolean {
  return value >= pool.first && value <= pool.last;
}

/** A free number: a random one of the upper part, else of the lower; undefined when the pool is full. */
export function pickFree(pool: NumberPool, used: ReadonlySet<number>, random: RandomBelow): number | undefined {
  return (
    pickBetween(pool.dynamicFrom, pool.last, used, random) ??
    pickBetween(pool.first, pool.dynamicFrom - 1, used, random)
  );
}

/** The first free number from a random start on, so that a number isn't given out again right after its release. */
function pickBetween(first: number, last: number, used: ReadonlySet<number>, random: RandomBelow): number | undefined {
  const size = last - first + 1;
  if (size <= 0) return undefined;
  const start = random(size);
  for (let i = 0; i < size; i++) {
    const value = first + ((start + i) % size);
    if (!used.has(value)) return value;
  }
  return undefined;
}
