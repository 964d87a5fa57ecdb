import { expect, it } from 'vitest';
import { createFakeClock } from './fake-clock.ts';
import { paced } from './pacing.ts';

it('lets a salvo of hints pass as one when its time is over, each key by itself', () => {
  const clock = createFakeClock();
  const seen: string[] = [];
  const hint = paced((key) => seen.push(key), { clock, ms: 40 });
  for (const key of ['a', 'a', 'b', 'a']) hint(key);
  clock.advance(39);
  expect(seen).toEqual([]);
  clock.advance(1);
  expect(seen).toEqual(['a', 'b']);
  hint('a');
  clock.advance(40);
  expect(seen).toEqual(['a', 'b', 'a']);
});
