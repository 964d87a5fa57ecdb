import { expect, it } from 'vitest';
import { createRest } from './rest.ts';

const LOOK_MS = 15_000;

/** A server that is looked at every 15 s; answers after which of these looks it rested, in seconds. */
function rests(load: readonly number[], { cost = 0 } = {}): readonly number[] {
  const rested: number[] = [];
  let [at, used] = [0, 0];
  const rest = (): void => {
    rested.push(at / 1000);
    used += cost;
  };
  const look = createRest({ now: () => at, used: () => used, rest });
  for (const share of load) {
    at += LOOK_MS;
    used += share * LOOK_MS;
    look();
  }
  return rested;
}

const [BUSY, QUIET] = [0.5, 0.001];
const looks = (share: number, minutes: number): readonly number[] => Array(minutes * 4).fill(share);

it('rests a minute after a load and once its history is gone, and not again', () => {
  expect(rests([...looks(BUSY, 2), ...looks(QUIET, 60)])).toEqual([180, 435]);
});

it('rests after each load', () => {
  const load = [...looks(BUSY, 2), ...looks(QUIET, 2)];
  expect(rests([...load, ...load])).toEqual([180, 420]);
});

it('does not rest for what leaves nothing behind, until much of it has come together', () => {
  const little = [0.1, ...looks(QUIET, 10)];
  expect(rests([...looks(QUIET, 10), ...little], { cost: 5_000 })).toEqual([60, 315]);
  expect(rests([...looks(QUIET, 10), ...little, ...little])).toHaveLength(4);
});

it('never rests while it works', () => {
  expect(rests(looks(BUSY, 60))).toEqual([]);
});

it('does not take its own rest for a load', () => {
  expect(rests(looks(QUIET, 60), { cost: 5_000 })).toEqual([60, 315]);
});
