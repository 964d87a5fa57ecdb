import { expect, it } from 'vitest';
import { createFakeClock } from './fake-clock.ts';
import { paced } from './pacing.ts';

it('lets the first hint of a salvo pass at once and the rest as one, each key by itself', () => {
  const clock = createFakeClock();
  const seen: string[] = [];
  const hint = paced((key) => seen.push(key), { clock, ms: 40 });
  for (const key of ['a', 'a', 'b', 'a']) hint(key);
  expect(seen).toEqual(['a', 'b']);
  clock.advance(40);
  expect(seen).toEqual(['a', 'b', 'a']);
  clock.advance(40);
  hint('a');
  expect(seen).toEqual(['a', 'b', 'a', 'a']);
});
