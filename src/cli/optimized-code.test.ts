import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { dropOptimizedCode } from './optimized-code.ts';

/** Bits of V8's answer. */
const STATUS = { optimized: 1 << 4, lazy: 1 << 18 };

setFlagsFromString('--allow-natives-syntax');
setFlagsFromString('--expose-gc');
const optimize = runInNewContext(
  '(f) => { %PrepareFunctionForOptimization(f); f(); %OptimizeMaglevOnNextCall(f); return f(); }',
) as (f: () => number) => number;
const statusOf = runInNewContext('(f) => %GetOptimizationStatus(f)') as (f: () => number) => number;
const collect = runInNewContext('gc') as NodeJS.GCFunction;

/** A function of the context that may ask V8. */
function makeFunction(): () => number {
  return runInNewContext('() => [1, 2, 3].length') as () => number;
}

it('drops what V8 has optimized, which then runs as before', () => {
  const counted = makeFunction();
  optimize(counted);
  const before = statusOf(counted) & STATUS.optimized;
  dropOptimizedCode();
  expect([before, statusOf(counted) & STATUS.optimized, counted()]).toEqual([STATUS.optimized, 0, 3]);
});

it('leaves nothing behind that would stop at a function', () => {
  dropOptimizedCode();
  dropOptimizedCode();
  expect(escape('é')).toBe('%E9');
});

it('lets collections forget compiled code, as precise coverage would not', () => {
  // What has been optimized on demand would be kept in any case.
  const counted = makeFunction();
  counted();
  dropOptimizedCode();
  setFlagsFromString('--stress-flush-code');
  collect({ type: 'major', execution: 'sync' });
  setFlagsFromString('--no-stress-flush-code');
  expect([statusOf(counted) & STATUS.lazy, counted()]).toEqual([STATUS.lazy, 3]);
});
